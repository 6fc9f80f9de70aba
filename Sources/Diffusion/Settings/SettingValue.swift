/// One value of a setting, as recipes write it.
public enum SettingValue: Sendable, Hashable {
  /// A whole number.
  case integer(Int)
  /// A number with a fraction.
  case real(Double)
  /// True or false.
  case flag(Bool)
  /// A word or any text.
  case text(String)
  /// Several values.
  case list([SettingValue])
  /// Something that no setting accepts, described in words such as "a table".
  case other(String)

  /// The number, whole or not.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }
}

extension SettingValue: CustomStringConvertible {
  /// The value as written in a recipe.
  public var description: String {
    switch self {
    case .integer(let value): String(value)
    case .real(let value): "\(value)"
    case .flag(let value): String(value)
    case .text(let text): Self.literal(text)
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .other(let kind): kind
    }
  }

  /// The value in a sentence, cut where it is long.
  package var mention: String {
    if case .text(let text) = self { return Wording.quoted(text) }
    let text = description
    return text.count > 60 ? "\(text.prefix(60))…" : text
  }

  private static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

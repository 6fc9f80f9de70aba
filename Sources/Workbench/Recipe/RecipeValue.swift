import TOMLKit

/// A value as TOML has it.
enum RecipeValue: Sendable, Hashable {
  case text(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case list([RecipeValue])
  /// A kind that no key takes, by its name.
  case other(String)
}

extension RecipeValue {
  init(_ value: any TOMLValueConvertible) {
    switch value.type {
    case .string: self = .text(value.string ?? "")
    case .int: self = .integer(value.int ?? 0)
    case .double: self = .number(value.double ?? .nan)
    case .bool: self = .flag(value.bool ?? false)
    case .array: self = .list(value.array.map { $0.map { RecipeValue($0) } } ?? [])
    case .table: self = .other("a table")
    case .date, .time, .dateTime: self = .other("a date or time")
    }
  }

  /// What stands behind `=`: a TOML value, or bare words, which are text.
  init(argument: String) {
    guard !argument.contains(where: \.isNewline),
      let table = try? TOMLTable(string: "value = \(argument)"), table.count == 1,
      let value = table["value"]
    else {
      self = .text(argument)
      return
    }
    self = RecipeValue(value)
  }

  /// The value as it would stand in a recipe.
  var toml: String {
    switch self {
    case .text(let text): Self.literal(text)
    case .integer(let value): String(value)
    case .number(let value): "\(value)"
    case .flag(let value): String(value)
    case .list(let values): "[\(values.map(\.toml).joined(separator: ", "))]"
    case .other(let kind): kind
    }
  }

  /// The value in a sentence, cut where it is long.
  var mention: String {
    if case .text(let text) = self { return Wording.quoted(text) }
    let text = toml
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

/// Text as a terminal can show it: one scalar a column, nothing that moves the cursor.
enum Columns {
  /// The scalars of `text`, with what would not fill exactly one column replaced or left out.
  ///
  /// Control characters become visible (`^[`), so that no file name can steer the terminal;
  /// characters without a width are dropped; wide ones become `?`.
  static func scalars(_ text: some StringProtocol) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { append(scalar, to: &result) }
    return result
  }

  static func append(_ scalar: Unicode.Scalar, to result: inout [Unicode.Scalar]) {
    let value = scalar.value
    switch value {
    case 0x20..<0x7F, 0xA0..<0xAD, 0xAE..<0x300, 0x2500..<0x2600, 0x2800..<0x2900:
      result.append(scalar)
    case 0..<0x20, 0x7F:
      result.append("^")
      result.append(Unicode.Scalar(UInt8(value ^ 0x40)))
    case 0x80..<0xA0:
      result.append(contentsOf: "\\x".unicodeScalars)
      result.append(contentsOf: String(value, radix: 16).unicodeScalars)
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format, .lineSeparator, .paragraphSeparator:
        break
      case .control, .surrogate, .privateUse, .unassigned:
        result.append("?")
      default:
        result.append(isWide(value) ? "?" : scalar)
      }
    }
  }

  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F000...0x1FAFF,
      0x20000...0x3FFFD, 0x231A...0x231B, 0x23E9...0x23EC, 0x2614...0x2615, 0x2648...0x2653,
      0x26A1, 0x26AA...0x26AB, 0x2705, 0x270A...0x270B, 0x2728, 0x274C, 0x274E, 0x2753...0x2755,
      0x2757, 0x2795...0x2797, 0x2B1B...0x2B1C, 0x2B50, 0x2B55:
      true
    default:
      false
    }
  }
}

extension StringProtocol {
  /// The number of columns that the text takes on a surface.
  public var columnCount: Int { Columns.scalars(self).count }

  /// The text in exactly `width` columns: padded with spaces, or cut off with `…`.
  public func fitted(to width: Int, alignment: Alignment = .left) -> String {
    var scalars = Columns.scalars(self)
    if scalars.count > width {
      scalars = Array(scalars.prefix(Swift.max(0, width - 1)))
      if width > 0 { scalars.append("…") }
    }
    var view = String.UnicodeScalarView()
    let space = Swift.max(0, width - scalars.count)
    let before = alignment.offset(in: space)
    view.append(contentsOf: repeatElement(" ", count: before))
    view.append(contentsOf: scalars)
    view.append(contentsOf: repeatElement(" ", count: space - before))
    return String(view)
  }
}

/// Where text is placed in the available room.
public enum Alignment: Hashable, Sendable {
  /// At the left.
  case left
  /// In the middle.
  case center
  /// At the right.
  case right

  /// The columns before a text, of those it leaves free.
  func offset(in space: Int) -> Int {
    switch self {
    case .left: 0
    case .center: space / 2
    case .right: space
    }
  }
}

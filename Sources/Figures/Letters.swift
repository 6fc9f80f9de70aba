internal import CData

/// The letters of figures: outlines that travel inside the program, so that a figure is the same on
/// every machine and needs no font.
///
/// Source: DejaVu Sans (credits: NOTICE).
struct Letters {
  /// A piece of an outline, in ems from the start of the letter's line; y goes up.
  enum Piece {
    case move(Place)
    case line(Place)
    case curve(Place, Place, Place)
    case close
  }

  /// A letter in a line of text, `x` ems from its start.
  struct Placed {
    var x: Double
    var outline: [Piece]
  }

  private struct Letter {
    var advance: Double
    var outline: [Piece]
  }

  private let letters: [Unicode.Scalar: Letter]

  /// The height of capitals, in ems.
  static let capitals = 0.73

  static let standard = Letters()

  private init() {
    var count = 0
    let bytes = UnsafeBufferPointer(start: cdata_letters(&count), count: count)
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let units = lines.first.flatMap { Double(String(decoding: $0, as: UTF8.self)) } ?? 1
    var letters: [Unicode.Scalar: Letter] = [:]
    for line in lines.dropFirst() {
      var words = String(decoding: line, as: UTF8.self).split(separator: " ")[...]
      guard let code = words.popFirst().flatMap({ UInt32($0, radix: 16) }),
        let scalar = Unicode.Scalar(code), let advance = words.popFirst().flatMap({ Double($0) })
      else { continue }
      letters[scalar] = Letter(
        advance: advance / units, outline: Self.outline(words, units: units))
    }
    self.letters = letters
  }

  private static func outline(_ words: ArraySlice<Substring>, units: Double) -> [Piece] {
    var words = words
    var outline: [Piece] = []
    var last = Place(x: 0, y: 0)
    func point() -> Place {
      let x = words.popFirst().flatMap { Double($0) } ?? 0
      let y = words.popFirst().flatMap { Double($0) } ?? 0
      return Place(x: x / units, y: y / units)
    }
    while let command = words.popFirst() {
      switch command {
      case "M":
        last = point()
        outline.append(.move(last))
      case "L":
        last = point()
        outline.append(.line(last))
      case "Q":
        let (control, end) = (point(), point())
        // A quadratic curve is the cubic whose controls are two thirds of the way to its own.
        outline.append(.curve(last.toward(control), end.toward(control), end))
        last = end
      default: outline.append(.close)
      }
    }
    return outline
  }

  /// The letters of a text, one after another; a box stands for those that are not known.
  func place(_ text: String) -> (letters: [Placed], width: Double) {
    var x = 0.0
    var placed: [Placed] = []
    for scalar in text.unicodeScalars {
      guard let letter = letters[scalar] ?? letters["□"] else { continue }
      placed.append(Placed(x: x, outline: letter.outline))
      x += letter.advance
    }
    return (placed, x)
  }

  /// How wide a text is, in ems.
  func width(_ text: String) -> Double { place(text).width }
}

extension Place {
  /// The place two thirds of the way to another.
  fileprivate func toward(_ other: Place) -> Place {
    Place(x: x + (other.x - x) * 2 / 3, y: y + (other.y - y) * 2 / 3)
  }
}

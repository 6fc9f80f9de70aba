extension Key {
  /// The words for keys that type no character, as files write them.
  private static let words: [(word: String, key: Key)] =
    [
      ("space", " "), ("up", .up), ("down", .down), ("left", .left), ("right", .right),
      ("shift-up", .shiftUp), ("shift-down", .shiftDown), ("shift-left", .shiftLeft),
      ("shift-right", .shiftRight), ("home", .home), ("end", .end), ("page-up", .pageUp),
      ("page-down", .pageDown), ("insert", .insert), ("delete", .delete),
      ("backspace", .backspace), ("tab", .tab), ("shift-tab", .backTab), ("enter", .enter),
      ("escape", .escape),
    ] + (1...12).map { ("f\($0)", .function($0)) }

  /// The key of a name: a character as it is typed, a word such as `space` or `page-up`, `f1` to `f12`,
  /// or `ctrl-` with a letter.
  package init?(name: String) {
    if let known = Self.words.first(where: { $0.word == name.lowercased() && name.count > 1 }) {
      self = known.key
    } else if name.lowercased().hasPrefix("ctrl-"), name.count == 6, let letter = name.last,
      letter.isASCII, letter.isLetter
    {
      self = .control(Character(letter.lowercased()))
    } else if name.count == 1, let character = name.first,
      character.unicodeScalars.count == 1,
      character.unicodeScalars.allSatisfy({ $0.value > 0x20 && !(0x7F..<0xA0).contains($0.value) })
    {
      self = .character(character)
    } else {
      return nil
    }
  }

  /// The name by which files call it.
  package var name: String {
    if let known = Self.words.first(where: { $0.key == self }) { return known.word }
    return switch self {
    case .character(let character): String(character)
    case .control(let letter): "ctrl-\(letter)"
    default: label
    }
  }

  /// Whether it moves through what is in view, or answers a dialog, rather than giving a command.
  package var isMovement: Bool {
    switch self {
    case .up, .down, .left, .right, .shiftUp, .shiftDown, .shiftLeft, .shiftRight, .home, .end,
      .pageUp, .pageDown, .enter, .escape:
      true
    default: false
    }
  }
}

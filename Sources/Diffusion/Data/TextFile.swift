internal import CData

/// How a text file becomes samples.
package struct TextOptions: Configurable {
  /// What a token is.
  package var unit = TextFormat.Unit.characters
  /// Positions of a sample.
  package var window = 64
  /// Whether every line is a sample; otherwise every part of the text that is as long as the window is.
  package var isLines = false

  /// Characters, any part of 64 of them.
  package init() {}

  package static let table: [Setting<Self>] = [
    .word(\.unit, "tokens", "what the tokens of a text file are").forText(true),
    .integer(
      \.window, "window", 2...4096, step: 8,
      "length of a sample of a text file, in characters or bytes; longer lines are cut into parts"
    ).forText(true),
    .flag(
      \.isLines, "lines",
      "each line of a text file is a sample, padded with line ends; otherwise any part of the text is"
    ).forText(true),
  ]
}

/// Text files, plain or gzip: a running text, or one sample a line.
enum TextFile {
  /// The most bytes of text accepted: 64 MiB.
  static let mostBytes = 1 << 26
  /// The most different characters accepted: a network answers with a number for each.
  static let mostTokens = 20_000

  static func dataset(_ path: String, _ options: TextOptions) throws(FileError) -> Dataset {
    try dataset(
      name: path.lastPathComponent, path: path,
      bytes: ByteStream(path: path).readAll(limit: mostBytes), options)
  }

  static func dataset(
    name: String, path: String, bytes: [UInt8], _ options: TextOptions
  ) throws(FileError) -> Dataset {
    let numbers = try numbers(bytes, path: path, options)
    guard !numbers.isEmpty else { throw FileError(path, .truncated, "is empty") }
    return options.isLines
      ? try lines(name: name, path: path, numbers, options)
      : try running(name: name, path: path, numbers, options)
  }

  /// The characters or bytes of a file by number; line ends of Windows are one character, and a byte order mark
  /// is none.
  private static func numbers(
    _ bytes: [UInt8], path: String, _ options: TextOptions
  ) throws(FileError) -> [UInt32] {
    if options.unit == .bytes { return bytes.map(UInt32.init) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(
        path, .unrecognized,
        "is not text in UTF-8; convert it (iconv -t utf-8), or set data.tokens = \"bytes\" to learn its bytes"
      )
    }
    var numbers: [UInt32] = []
    numbers.reserveCapacity(bytes.count)
    for scalar in text.unicodeScalars {
      if scalar == "\u{FEFF}", numbers.isEmpty { continue }
      if scalar == "\n", numbers.last == 13 { numbers.removeLast() }
      numbers.append(scalar.value)
    }
    return numbers
  }

  /// Every part of the text that is as long as the window.
  private static func running(
    name: String, path: String, _ numbers: [UInt32], _ options: TextOptions
  ) throws(FileError) -> Dataset {
    guard numbers.count >= options.window else {
      throw FileError(
        path, .truncated,
        "has \(numbers.count) \(options.unit.rawValue); expected at least data.window = \(options.window)"
      )
    }
    let alphabet = try alphabet(of: numbers, path: path)
    let format = TextFormat(
      unit: options.unit, alphabet: alphabet, isLines: false,
      charactersPerSample: Double(options.window))
    return Dataset(
      name: name, tokens: tokens(numbers, format),
      starts: Array(0...numbers.count - options.window), length: options.window, format)
  }

  /// One sample a line, those that are longer than the window in parts; blank lines are left out.
  private static func lines(
    name: String, path: String, _ numbers: [UInt32], _ options: TextOptions
  ) throws(FileError) -> Dataset {
    let parts = numbers.split(separator: TextFormat.lineEnd).flatMap { line in
      stride(from: line.startIndex, to: line.endIndex, by: options.window).map {
        line[$0..<min($0 + options.window, line.endIndex)]
      }
    }
    guard !parts.isEmpty else {
      throw FileError(path, .truncated, "has no characters but line ends; expected lines of text")
    }
    let alphabet = try alphabet(of: numbers + [TextFormat.lineEnd], path: path)
    let characters = parts.reduce(0) { $0 + min($1.count + 1, options.window) }
    let format = TextFormat(
      unit: options.unit, alphabet: alphabet, isLines: true,
      charactersPerSample: Double(characters) / Double(parts.count))
    let filled = parts.flatMap { part in
      part + Array(repeating: TextFormat.lineEnd, count: options.window - part.count)
    }
    return Dataset(
      name: name, tokens: tokens(filled, format),
      starts: Array(stride(from: 0, to: filled.count, by: options.window)), length: options.window,
      format)
  }

  private static func alphabet(of numbers: [UInt32], path: String) throws(FileError) -> [UInt32] {
    let alphabet = Set(numbers).sorted()
    guard alphabet.count <= mostTokens else {
      throw FileError(
        path, .tooLarge,
        "has \(alphabet.count) different characters; expected at most \(mostTokens), or data.tokens = \"bytes\""
      )
    }
    return alphabet
  }

  private static func tokens(_ numbers: [UInt32], _ format: TextFormat) -> [UInt16] {
    let tokenOf = Dictionary(
      uniqueKeysWithValues: format.alphabet.enumerated().map { ($1, UInt16($0)) })
    return numbers.compactMap { tokenOf[$0] }
  }
}

/// Text that travels inside the program.
///
/// Source: Debian's wamerican, made from SCOWL by Kevin Atkinson (credits: NOTICE).
private enum EmbeddedText {
  /// English words of 3 to 12 letters, inflated once.
  static let words: Dataset = {
    var options = TextOptions()
    (options.window, options.isLines) = (12, true)
    do {
      return try TextFile.dataset(
        name: "words", path: "words", bytes: EmbeddedImages.content(cdata_words), options)
    } catch {
      preconditionFailure("the embedded words are no text: \(error)")
    }
  }()
}

extension BuiltInData {
  /// 60,540 English words of 3 to 12 letters.
  public static let words = BuiltInData(
    "words", "60,540 English words of 3 to 12 letters a–z", isText: true
  ) {
    EmbeddedText.words
  }
}

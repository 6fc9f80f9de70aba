/// How samples of text are written as tokens, whole numbers, one at each position, and what networks get of
/// them.
///
/// Token k stands for ``alphabet``[k]; the number after the last, ``mask``, stands for a position that is
/// not known yet.
public struct TextFormat: Sendable, Hashable {
  /// What a token is.
  public enum Unit: String, RecipeWord, Codable {
    /// A character: a Unicode scalar.
    case characters
    /// A byte of the file, whatever its encoding.
    case bytes

    public var meaning: String {
      switch self {
      case .characters: "characters of text in UTF-8"
      case .bytes: "bytes, whatever the encoding"
      }
    }
  }

  /// The numbers of a position.
  public enum Encoding: String, RecipeWord, Codable {
    /// The token itself: a whole number, which is masked.
    case tokens
    /// The token's bits, each −1 or 1, to which Gaussian noise is added.
    ///
    /// Source: Chen, Zhang and Hinton 2022, <https://arxiv.org/abs/2208.04202>.
    case bits

    public var meaning: String {
      switch self {
      case .tokens: "the tokens themselves, which are masked"
      case .bits: "their bits as −1 and 1, to which Gaussian noise is added"
      }
    }
  }

  /// What a token is.
  public let unit: Unit
  /// The characters or bytes that occur, by their number in Unicode or in ASCII, rising.
  public let alphabet: [UInt32]
  /// Whether a sample is one line, padded with line ends; otherwise it is any part of the text.
  public let isLines: Bool
  /// How many characters a sample has on average, of lines with the first line end: what bits per
  /// character are counted by.
  public let charactersPerSample: Double
  /// The numbers of a position.
  public let encoding: Encoding

  /// A format; the alphabet has a line end where samples are lines.
  ///
  /// - Precondition: the alphabet rises and is not empty; bytes lie below 256.
  public init(
    unit: Unit = .characters, alphabet: [UInt32], isLines: Bool, charactersPerSample: Double,
    encoding: Encoding = .tokens
  ) {
    precondition(!alphabet.isEmpty, "text needs at least one token")
    precondition(
      zip(alphabet, alphabet.dropFirst()).allSatisfy { $0 < $1 }, "an alphabet rises: \(alphabet)")
    precondition(
      !isLines || alphabet.contains(Self.lineEnd), "lines need a line end in their alphabet")
    self.unit = unit
    self.alphabet = alphabet
    self.isLines = isLines
    self.charactersPerSample = charactersPerSample
    self.encoding = encoding
  }

  /// The number of tokens, without the mask.
  public var vocabulary: Int { alphabet.count }

  /// The token of a position that is not known yet.
  public var mask: Int { alphabet.count }

  /// How a position that is not known yet is drawn, and may be typed.
  public static let maskCharacter: Character = "·"
  static let lineEnd: UInt32 = 10

  /// The token that ends a line, nil where none does.
  package var lineEndToken: Int? { token(of: Self.lineEnd) }

  /// The token of a character or byte by its number, nil where it does not occur.
  package func token(of number: UInt32) -> Int? {
    var (low, high) = (0, alphabet.count)
    while low < high {
      let middle = (low + high) / 2
      if alphabet[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low < alphabet.count && alphabet[low] == number ? low : nil
  }
}

// MARK: - As text

extension TextFormat {
  /// One token as one visible character: `·` for the mask, `⏎` for a line end, `�` for what has no
  /// form of its own, and for bits that no token has.
  package func glyph(of token: Float) -> Character {
    guard token >= 0, token < Float(mask) else { return unknown }
    let number = alphabet[Int(token)]
    if number == Self.lineEnd { return "⏎" }
    guard unit == .characters || number < 0x80, let scalar = Unicode.Scalar(number) else {
      return "�"
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned, .nonspacingMark, .enclosingMark:
      return "�"
    default: return Character(scalar)
    }
  }

  /// What stands for a position without a token.
  private var unknown: Character { encoding == .tokens ? Self.maskCharacter : "�" }

  /// A sample as text: of a line what comes before its end; positions that are not known are `·`, bits that
  /// no token has `�`.
  ///
  /// It is text from outside: whoever prints it escapes it.
  public func text(_ sample: some Sequence<Float>) -> String {
    var scalars = String.UnicodeScalarView()
    var bytes: [UInt8] = []
    func flush() {
      scalars.append(contentsOf: String(decoding: bytes, as: UTF8.self).unicodeScalars)
      bytes = []
    }
    for token in tokens(of: Array(sample)) {
      guard token >= 0, token < Float(mask) else {
        flush()
        scalars.append(contentsOf: unknown.unicodeScalars)
        continue
      }
      let number = alphabet[Int(token)]
      if isLines, number == Self.lineEnd { break }
      if unit == .bytes {
        bytes.append(UInt8(truncatingIfNeeded: number))
      } else if let scalar = Unicode.Scalar(number) {
        scalars.append(scalar)
      }
    }
    flush()
    return String(scalars)
  }
}

// MARK: - Prompts

extension TextFormat {
  /// The tokens of a prompt, one for each of `length` positions; ``mask`` where the model is to write.
  ///
  /// `·` and `_` leave a position free, and so does the end of a prompt that is shorter; `\n` is a line
  /// end, `\_`, `\·` and `\\` are those characters themselves.
  public func tokens(ofPrompt prompt: String, length: Int) throws(PromptError) -> [Int] {
    var tokens: [Int] = []
    var isEscaped = false
    for scalar in prompt.unicodeScalars {
      if !isEscaped, scalar == "\\" {
        isEscaped = true
        continue
      }
      let isFree = !isEscaped && (scalar == "_" || scalar == "·")
      let meant = isEscaped && scalar == "n" ? "\n" : scalar
      isEscaped = false
      tokens += isFree ? [mask] : try self.tokens(of: meant)
    }
    guard !isEscaped else { throw .endsEscaped }
    guard tokens.count <= length else { throw .tooLong(tokens.count, length) }
    return tokens + Array(repeating: mask, count: length - tokens.count)
  }

  private func tokens(of scalar: Unicode.Scalar) throws(PromptError) -> [Int] {
    let numbers = unit == .bytes ? Array(String(scalar).utf8).map(UInt32.init) : [scalar.value]
    var tokens: [Int] = []
    for number in numbers {
      guard let token = token(of: number) else { throw .unknown(scalar, alphabetInWords) }
      tokens.append(token)
    }
    return tokens
  }

  /// The characters that occur, for a sentence: runs of neighbours as `a–z`.
  package var alphabetInWords: String {
    var runs: [ClosedRange<UInt32>] = []
    for number in alphabet where number > 0x20 {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    func name(_ number: UInt32) -> String {
      let isVisible = number < 0x7F || unit == .characters && number > 0xA0
      return Unicode.Scalar(number).flatMap { isVisible ? Wording.escaped(String($0)) : nil }
        ?? "\\x\(String(number, radix: 16))"
    }
    let words = runs.prefix(12).flatMap { run -> [String] in
      run.count > 2
        ? ["\(name(run.lowerBound))–\(name(run.upperBound))"] : run.map { name($0) }
    }
    let blanks = [(UInt32(0x20), "the space"), (Self.lineEnd, "the line end")]
      .filter { alphabet.contains($0.0) }.map(\.1)
    return (words + (runs.count > 12 ? ["…"] : []) + blanks).joined(separator: ", ")
  }
}

/// A prompt that a model cannot start from, as the sentence the user reads.
public enum PromptError: Error, Hashable, CustomStringConvertible {
  /// A character does not occur in the data, whose characters are these.
  case unknown(Unicode.Scalar, String)
  /// It has more positions than samples have.
  case tooLong(Int, Int)
  /// It ends with a single backslash.
  case endsEscaped
  /// The samples are no text.
  case noText
  /// The samples are text as bits, which are drawn from noise as a whole.
  case bits

  public var description: String {
    switch self {
    case .unknown(let scalar, let known):
      "the prompt has \(Wording.quoted(String(scalar))), which does not occur in the training data; "
        + "expected \(known), or _ where the model is to write"
    case .tooLong(let count, let most):
      "the prompt has \(count) positions; expected at most the \(most) of a sample"
    case .endsEscaped: "the prompt ends with a single \\; expected \\n, \\_ or \\\\"
    case .noText: "a prompt needs a model of text"
    case .bits:
      "a prompt needs text that is masked; text as bits (data.encoding = \"bits\") is drawn from noise as a whole"
    }
  }
}

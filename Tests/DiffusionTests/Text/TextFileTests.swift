import Testing

@testable import Diffusion

@Suite("Text as data")
struct TextFileTests {
  private func dataset(
    _ text: String, window: Int = 4, lines: Bool = false, unit: TextFormat.Unit = .characters
  ) throws(FileError) -> Dataset {
    try dataset(Array(text.utf8), window: window, lines: lines, unit: unit)
  }

  private func dataset(
    _ bytes: [UInt8], window: Int = 4, lines: Bool = false, unit: TextFormat.Unit = .characters
  ) throws(FileError) -> Dataset {
    var options = TextOptions()
    (options.window, options.isLines, options.unit) = (window, lines, unit)
    return try TextFile.dataset(name: "a.txt", path: "a.txt", bytes: bytes, options)
  }

  private func texts(_ set: Dataset) -> [String] {
    (0..<set.count).map { set.text?.text(set[$0]) ?? "" }
  }

  @Test("every part of a running text is a sample")
  func running() throws {
    let set = try dataset("to be\nor")
    #expect(texts(set) == ["to b", "o be", " be\n", "be\no", "e\nor"])
    #expect(set.shape == Shape(1, 1, 4, 1) && set.kind == .text)
    #expect(set.text?.vocabulary == 7 && set.text?.charactersPerSample == 4)
  }

  @Test("lines end with line ends; longer ones are cut into parts, and nothing of them is lost")
  func lines() throws {
    let set = try dataset("ab\n\nabcdefghij\r\nx\n", lines: true)
    #expect(texts(set) == ["ab", "abcd", "efgh", "ij", "x"])
    // 2 + 1, 4, 4, 2 + 1, 1 + 1
    #expect(set.text?.charactersPerSample == 16.0 / 5)
  }

  @Test("a byte order mark is no character, nor is the first half of a line end of Windows")
  func marks() throws {
    #expect(texts(try dataset("\u{FEFF}äb\r\nc")) == ["äb\nc"])
  }

  @Test("bytes are taken as they are, whatever the encoding")
  func bytes() throws {
    let set = try dataset([0xE4, 0x62, 0, 0x0D, 0x0A], unit: .bytes)
    #expect(set.count == 2 && set.text?.vocabulary == 5)
    #expect(texts(try dataset("äbc", unit: .bytes)) == ["äbc"])
  }

  @Test("what cannot be learned from is named in a sentence")
  func refusals() {
    func problem(_ make: () throws -> Dataset) -> String {
      do {
        return "\(try make().count) samples"
      } catch {
        return "\(error)"
      }
    }
    #expect(problem { try dataset("") } == "a.txt: is empty")
    #expect(
      problem { try dataset("abc") }
        == "a.txt: has 3 characters; expected at least data.window = 4")
    #expect(
      problem { try dataset("\n\n", lines: true) }
        == "a.txt: has no characters but line ends; expected lines of text")
    #expect(
      problem { try dataset([0x61, 0xE4, 0x62]) }.hasPrefix(
        "a.txt: is not text in UTF-8; convert it"))
  }

  @Test("validation of a running text comes after all that is trained on")
  func validation() throws {
    let set = try dataset("abcdefghijklmnopqrst")
    let (training, validation) = set.splitRunningText(keeping: 5)
    #expect(texts(training).last == "ijkl" && texts(validation).first == "mnop")
    #expect(training.sequences.count == 1 && training.sequences[0].count == 12)
  }

  @Test("a validation share that leaves no text to train on is named in a sentence")
  func tooLittle() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/short.txt"
      try put(Array("abcdefghijkl".utf8), path)
      var data = DataConfiguration(source: path)
      try data.set("window", to: .integer(8))
      try data.set("validation", to: .real(0.2))
      let error = try #require(throws: FileError.self) { try data.split() }
      #expect(
        error.description.contains(
          "has 12 characters, of which data.validation = 0.2 leaves too few"))
      try data.set("window", to: .integer(4))
      let (training, validation) = try data.split()
      let kept = try #require(validation)
      #expect(training.sequences[0].endIndex <= kept.sequences[0].startIndex)
    }
  }

  @Test("the beginning of a text has about as many characters as asked for")
  func beginning() throws {
    let running = try dataset("abcdefghijklmnopqrst")
    #expect(texts(running.beginning(characters: 3)) == ["abcd", "bcde", "cdef"])
    #expect(running.beginning(characters: 100).count == running.count)
    let lines = try dataset("ab\ncd\nef\ngh\n", lines: true)
    #expect(texts(lines.beginning(characters: 9)) == ["ab", "cd"])
  }

  @Test("prompts: free positions, escapes, and what cannot be written")
  func prompts() throws {
    let text = try #require(try dataset("cab\n_", window: 4).text)
    // \n, _, a, b, c
    #expect(try text.tokens(ofPrompt: "a·_b", length: 5) == [2, 5, 5, 3, 5])
    #expect(try text.tokens(ofPrompt: "\\_\\n", length: 2) == [1, 0])
    #expect(throws: PromptError.tooLong(3, 2)) { try text.tokens(ofPrompt: "abc", length: 2) }
    #expect(throws: PromptError.endsEscaped) { try text.tokens(ofPrompt: "a\\", length: 2) }
    let error = #expect(throws: PromptError.self) { try text.tokens(ofPrompt: "aé", length: 2) }
    #expect(
      error?.description
        == "the prompt has “é”, which does not occur in the training data; expected _, a–c, the line end, or _ "
        + "where the model is to write")
  }

  @Test("the built-in words have three to twelve letters")
  func words() throws {
    let words = BuiltInData.words.make()
    #expect(words.count == 60_540 && words.shape == Shape(1, 1, 12, 1))
    let lengths = texts(words).map(\.count)
    #expect(lengths.min() == 3 && lengths.max() == 12)
    #expect(words.text?.vocabulary == 27)
  }

  @Test("unigrams and trigrams: bits per character of what was counted and of what was not")
  func nGrams() throws {
    let set = try dataset("abababababababab", window: 4)
    #expect(abs(CharacterModel(set, order: 1).bitsPerCharacter(of: set) - 1) < 0.1)
    #expect(CharacterModel(set, order: 3).bitsPerCharacter(of: set) < 0.5)
    let words = BuiltInData.words.make().select(Array(stride(from: 0, to: 60_540, by: 30)))
    let held = BuiltInData.words.make().select(Array(stride(from: 1, to: 60_540, by: 60)))
    let bits = (1...3).map { CharacterModel(words, order: $0).bitsPerCharacter(of: held) }
    #expect(bits[0] > bits[1] && bits[1] > bits[2] && bits[2] > 2, "\(bits)")
  }
}

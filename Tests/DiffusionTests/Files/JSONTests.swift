import Foundation
import Testing

@testable import Diffusion

@Suite("JSON")
struct JSONTests {
  @Test("A value written and read again is the same")
  func roundTrip() throws {
    let value: JSON = [
      "step": 12, "loss": .float(0.1), "tiny": .number(.leastNonzeroMagnitude),
      "big": 1.7976931348623157e308,
      "text": "a \"quoted\" \\ line\nwith\ttab, \u{1} and 🦕", "flags": [true, false, .null],
      "empty": [:], "none": [], "least": .integer(.min),
    ]
    #expect(try JSON(parsing: value.description) == value)
    #expect(value["loss"]?.description == "0.1")
    #expect(!value.description.contains("\n"))
  }

  @Test("Numbers that are not finite are written as null")
  func notFinite() {
    let value: JSON = [.number(.nan), .float(-.infinity)]
    #expect(value.description == "[null,null]")
  }

  static let texts: [(String, JSON)] = [
    (" [ 1 , -0 , 0.5e+1 ] ", [1, 0, 5.0]), (#""\u00e9\ud83e\udd95\/""#, "é🦕/"),
    ("{\"a\":{\"b\":[]}}", ["a": ["b": []]]), ("true", true),
    ("12345678901234567890", .number(12_345_678_901_234_567_168)),
  ]

  @Test("Texts by the letter of the standard are read", arguments: texts)
  func reads(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  @Test(
    "Other texts are refused with the place",
    arguments: [
      ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\":1,}", 7), ("{\"a\":1,\"a\":2}", 7), ("01", 2),
      ("1.", 2), ("1e", 2), ("-", 1), ("+1", 0), ("nul", 0), ("NaN", 0), ("1 2", 2), ("'a'", 0),
      ("\"a", 2), ("\"\n\"", 1), (#""\x""#, 3), (#""\ud800""#, 7), (#""\ud800\u0041""#, 13),
      (#""\u00g0""#, 5), ("1e999", 5), ("{1:2}", 1), ("[1 2]", 3), ("{\"a\" 1}", 5),
      (String(repeating: "[", count: 1000), 65),
    ])
  func refuses(text: String, offset: Int) {
    do throws(JSONSyntaxError) {
      let value = try JSON(parsing: text)
      Issue.record("\(text) was read as \(value)")
    } catch {
      #expect(error.offset == offset, "\(text): \(error)")
    }
  }

  @Test("Bytes that are no UTF-8 and lists without end are refused")
  func hostile() {
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    let long = "[" + String(repeating: "0,", count: 2_000_001) + "0]"
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: long) }
  }
}

@Suite("JSON lines")
struct JSONLinesTests {
  private struct Record: Codable, Equatable {
    var step: Int
    var loss: Double?

    init(_ step: Int, loss: Double? = nil) {
      self.step = step
      self.loss = loss
    }
  }

  private func read(_ path: String) throws(FileError) -> [Record] { try JSONLines.read(path) }

  @Test("Members are in the order of the alphabet, numbers that are not finite are words")
  func notFinite() throws {
    let losses = [Double.nan, .infinity, -.infinity, 0.1]
    let lines = losses.map { JSONLines.line(Record(1, loss: $0)) }
    #expect(
      lines
        == ["\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "0.1"].map { "{\"loss\":\($0),\"step\":1}" }
    )
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      try put(lines.map { "\($0)\n" }.joined(), path)
      let found = try read(path).map(\.loss)
      #expect(found[0]?.isNaN == true)
      #expect(Array(found.dropFirst()) == [.infinity, -.infinity, 0.1])
    }
  }

  @Test("Lines are in the file as soon as they are added, and stay when it is opened again")
  func appends() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      for run in 0..<2 {
        let writer = try JSONLines.Writer<Record>(appendingTo: path)
        try writer.append(Record(2 * run))
        #expect(try read(path).count == 2 * run + 1)
        try writer.append(Record(2 * run + 1))
      }
      #expect(try read(path).map(\.step) == [0, 1, 2, 3])
      #expect(
        try bytes(of: path)
          == Array("{\"step\":0}\n{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n".utf8))
    }
  }

  @Test("A last line cut off by a crash is not read, and dropped by the next writer")
  func repairs() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      try put("{\"step\":1}\n{\"step\":2,\"lo", path)
      #expect(try read(path) == [Record(1)])
      try JSONLines.Writer(appendingTo: path).append(Record(3))
      #expect(try read(path) == [Record(1), Record(3)])
    }
  }

  @Test("What was measured after a checkpoint is dropped on request")
  func forgets() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      try put("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"step\":1}\n", path)
      let writer = try JSONLines.Writer<Record>(appendingTo: path) { $0.step <= 2 }
      try writer.append(Record(3))
      #expect(try read(path).map(\.step) == [1, 2, 3])
    }
  }

  @Test("A line that does not fit on the disk leaves nothing behind")
  func fullDisk() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      // Opening calls open and cut; each line length and write.
      let failing = FailingCalls { $0 == 6 }
      let writer = try JSONLines.Writer<Record>(
        appendingTo: path, keeping: { _ in true }, calls: failing.calls)
      try writer.append(Record(1))
      #expect(fileError { try writer.append(Record(2)) }?.kind == .unwritable)
      try writer.append(Record(3))
      #expect(try read(path).map(\.step) == [1, 3])
    }
  }

  @Test("A file that goes away while its lines are brought back keeps them with the writer")
  func removedAgain() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      var calls = WriteCalls.system
      var isRemoving = false
      calls.openFile = { path, flags in
        if isRemoving { unlink(path) }
        return WriteCalls.system.openFile(path, flags)
      }
      let writer = try JSONLines.Writer<Record>(
        appendingTo: path, keeping: { _ in true }, calls: calls)
      for step in 1...3 { try writer.append(Record(step)) }
      unlink(path)
      isRemoving = true
      #expect(fileError { try writer.move(to: path) }?.kind == .unwritable)
      #expect(!writer.isInPlace)
      isRemoving = false
      try writer.move(to: path)
      try writer.append(Record(4))
      #expect(try read(path).map(\.step) == [1, 2, 3, 4])
    }
  }

  @Test("A line that is not a record is an error that names the line")
  func malformed() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      try put("{\"step\":1}\noops\n{\"step\":2}\n", path)
      let error = fileError { try read(path) }
      #expect(error?.problem == "has a line 2 that is not a record; expected one JSON object")
    }
  }
}

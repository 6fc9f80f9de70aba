import Testing

@testable import Diffusion

@Suite("PyTorch files")
struct TorchFileTests {
  typealias Part = PickleBytes.Part

  /// Opens a file that holds `root` and one storage of the floats 0, 1, 2 ….
  static func open<Result>(
    _ root: Part, floats: Int = 24, _ change: (inout ArchiveBytes) -> Void = { _ in },
    _ body: (TorchFile) throws -> Result
  ) throws -> Result {
    var archive = ArchiveBytes(
      pickle: PickleBytes.bytes(root),
      storages: [("0", storage((0..<floats).map { Float($0) }))])
    change(&archive)
    return try withTemporaryFolder { folder in
      try put(archive.bytes, "\(folder)/x.pth")
      return try body(TorchFile(contentsOf: "\(folder)/x.pth"))
    }
  }

  static let strided = Part.dictionary([
    (.text("whole"), .tensor(of: 24, [2, 3, 4])),
    (.text("turned"), .tensor(of: 24, at: 12, [4, 3], strides: [1, 4])),
    (.text("column"), .tensor(of: 24, at: 2, [2, 3], strides: [12, 4])),
    (.text("one"), .tensor(of: 24, at: 23, [])),
    (.text("repeated"), .tensor(of: 24, at: 5, [2, 3], strides: [0, 1])),
    (.text("none"), .tensor(of: 24, [0, 7])),
    (.text("thin"), .tensor(of: 24, at: 4, [1, 3], strides: [99, 1])),
  ])

  @Test(
    "Views of a shared storage are read with their strides and places",
    arguments: [(false, false), (false, true), (true, false), (true, true)])
  func views(isDeflated: Bool, isWide: Bool) throws {
    let change: (inout ArchiveBytes) -> Void = {
      $0.isDeflated = isDeflated
      $0.isWide = isWide
      $0.comment = "PK\u{5}\u{6} is not the end"
    }
    let tensors = try Self.open(Self.strided, change) { try $0.tensors() }
    #expect(
      tensors.map(\.name) == ["whole", "turned", "column", "one", "repeated", "none", "thin"])
    #expect(tensors.map(\.shape) == [[2, 3, 4], [4, 3], [2, 3], [], [2, 3], [0, 7], [1, 3]])
    #expect(
      tensors.map(\.values) == [
        (0..<24).map { Float($0) }, [12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23],
        [2, 6, 10, 14, 18, 22], [23], [5, 6, 7, 5, 6, 7], [], [4, 5, 6],
      ])
  }

  @Test("Checksums count where bytes were deflated; PyTorch writes wrong ones when told so")
  func checksums() throws {
    let root = Part.dictionary([(.text("w"), .tensor(of: 24, [2]))])
    let read = { (isDeflated: Bool) in
      try Self.open(root) {
        $0.hasWrongChecksums = true
        $0.isDeflated = isDeflated
      } _: {
        try $0.tensors().map(\.values)
      }
    }
    #expect(try read(false) == [[0, 1]])
    #expect(fileError { try read(true) }?.kind == .corrupt)
  }

  @Test("Storages of every type give their numbers, counts as whole numbers")
  func types() throws {
    let types: [(String, [UInt8], Float)] = [
      ("FloatStorage", storage([1.5]), 1.5), ("HalfStorage", [0, 0x3E], 1.5),
      ("BFloat16Storage", [0xC0, 0x3F], 1.5),
      ("DoubleStorage", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], 1.5),
      ("LongStorage", [0xFE] + [UInt8](repeating: 0xFF, count: 7), -2), ("ByteStorage", [200], 200),
      ("BoolStorage", [1], 1), ("CharStorage", [0xFF], -1), ("ShortStorage", [0xFF, 0xFF], -1),
      ("IntStorage", [0xFF, 0xFF, 0xFF, 0xFF], -1),
    ]
    let root = Part.dictionary(
      types.map { (.text($0.0), .tensor($0.0, key: $0.0, of: 1, [])) })
    let tensors = try Self.open(root) {
      $0.files += types.map { ("x/data/\($0.0)", $0.1) }
    } _: {
      try $0.tensors()
    }
    #expect(tensors.map(\.values) == types.map { [$0.2] })
    #expect(tensors.filter { $0.kind == .wholeNumber }.map(\.name) == ["LongStorage"])
  }

  @Test("A single dictionary of tensors is found whatever lies around it")
  func unwraps() throws {
    let weights = Part.dictionary([
      (.text("w"), .tensor(of: 24, [2])), (.text("note"), .text("no tensor")),
    ])
    let inner = Part.dictionary([
      (.text("model"), weights), (.text("step"), .number(3)),
      (
        .text("optimizer"),
        .dictionary([(.number(0), .dictionary([(.text("m"), .tensor(of: 24, []))]))])
      ),
    ])
    let file = try Self.open(.dictionary([(.text("run"), inner)])) { file in
      #expect(file.groups.map(\.key) == ["run.model"])
      return try file.tensors()
    }
    #expect(file.map(\.name) == ["w"])
  }

  @Test("Several dictionaries of tensors are named, and read by their key")
  func several() throws {
    let root = Part.dictionary([
      (.text("model"), .dictionary([(.text("w"), .tensor(of: 24, [2]))])),
      (.text("ema"), .dictionary([(.text("w"), .tensor(of: 24, at: 2, [2]))])),
    ])
    try Self.open(root) { file in
      #expect(
        fileError { try file.tensors() }?.problem
          == "holds several sets of tensors; expected one of the keys “model”, “ema”")
      let average = try file.tensors(in: "ema")
      #expect(average.map(\.values) == [[2, 3]])
      let error = fileError { try file.tensors(in: "em\u{1B}a") }
      #expect(error?.kind == .mismatch)
      #expect(error?.problem.contains("\u{1B}") == false)
    }
  }

  @Test("Tensors at the top and under a key are told apart by the empty key")
  func topAndBelow() throws {
    let root = Part.dictionary([
      (.text("model"), .dictionary([(.text("w"), .tensor(of: 24, [2]))])),
      (.text("decay"), .tensor(of: 24, [])),
    ])
    try Self.open(root) { file in
      #expect(file.groups.map(\.key) == ["", "model"])
      let top = try file.tensors(in: "")
      #expect(top.map(\.name) == ["decay"])
      #expect(fileError { try file.tensors() }?.problem.contains("the top (“”)") == true)
    }
  }

  @Test("A name that occurs twice has its last value, as in Python")
  func repeatedName() throws {
    let root = Part.dictionary([
      (.text("a"), .tensor(of: 24, [])), (.text("b"), .tensor(of: 24, at: 1, [])),
      (.text("a"), .tensor(of: 24, at: 2, [])),
    ])
    let tensors = try Self.open(root) { try $0.tensors() }
    #expect(tensors.map(\.name) == ["a", "b"])
    #expect(tensors.map(\.values) == [[2], [1]])
  }

  @Test("Ordered dictionaries, parameters and sizes are understood")
  func knownNames() throws {
    let ordered = Part.call(
      .global("collections", "OrderedDict"),
      [
        .list([
          .list([
            .text("w"),
            .call(
              .global("torch._utils", "_rebuild_parameter"),
              [.tensor(of: 24, [3]), .raw([0x88]), .none]),
          ]),
          .tuple([.text("s"), .call(.global("torch", "Size"), [.tuple([.number(3)])])]),
        ])
      ])
    // BUILD: attributes of the dictionary.
    let root = Part.raw(
      PickleBytes.body(ordered) + PickleBytes.body(.dictionary([(.text("_metadata"), .none)]))
        + [UInt8(ascii: "b")])
    #expect(try Self.open(root) { try $0.tensors() }.map(\.values) == [[0, 1, 2]])
  }
}

import Testing

@testable import Diffusion

@Suite("IDX")
struct IDXTests {
  static func header(_ type: UInt8, _ sizes: [UInt32]) -> [UInt8] {
    [0, 0, type, UInt8(sizes.count)]
      + sizes.flatMap { size in stride(from: 24, through: 0, by: -8).map { UInt8(size >> $0 & 255) }
      }
  }

  /// Three images of 2×3.
  static let images = header(8, [3, 2, 3]) + (0..<18).map { UInt8($0 * 15) }
  static let labels = header(8, [3]) + [2, 0, 2]

  /// The set in the files images and labels; errors name them without their folder.
  static func open(_ images: [UInt8], _ labels: [UInt8]? = nil) throws -> Dataset {
    try withTemporaryFolder { folder in
      try put(images, "\(folder)/images")
      if let labels { try put(labels, "\(folder)/labels") }
      do throws(FileError) {
        return try IDX.dataset(images: "\(folder)/images")
      } catch {
        let short = { (text: String) in text.replacing("\(folder)/", with: "") }
        throw FileError(short(error.path), error.kind, short(error.problem))
      }
    }
  }

  @Test("Images and labels are read, plain and gzip alike", arguments: [false, true])
  func reads(compressed: Bool) throws {
    let pack = { (bytes: [UInt8]) in compressed ? gzip(bytes) : bytes }
    let set = try Self.open(pack(Self.images), pack(Self.labels))
    #expect(set.count == 3)
    #expect(set.kind == .image)
    #expect(set.shape == Shape(1, 2, 3, 1))
    #expect(set.range == -1...1)
    #expect(set.labels == [2, 0, 2])
    #expect(set.classNames == ["0", "1", "2"])
    let expected: [Float] = Self.images.suffix(6).map { Float($0) / 255 * 2 - 1 }
    #expect(set[2] == expected)
  }

  @Test("The labels lie beside the images under the usual names")
  func findsLabels() throws {
    try withTemporaryFolder { folder in
      for (images, labels) in [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"),
        ("my-images-of-me", "my-labels-of-me.gz"),
      ] {
        try put(Self.images, "\(folder)/\(images)")
        #expect(try IDX.dataset(images: "\(folder)/\(images)").labels == nil)
        try put(Self.labels, "\(folder)/\(labels)")
        let set = try IDX.dataset(images: "\(folder)/\(images)")
        #expect(set.labels == [2, 0, 2], "\(images)")
        #expect(set.name == images)
      }
    }
  }

  struct Wrong: CustomTestStringConvertible, Sendable {
    let what: String
    let bytes: [UInt8]
    let kind: FileError.Kind
    let sentence: String
    var testDescription: String { what }
  }

  static let wrong = [
    Wrong(
      what: "an empty file", bytes: [], kind: .truncated,
      sentence: "images: ends at byte 0 within the idx magic number; "
        + "expected 4 bytes from byte 0 on"),
    Wrong(
      what: "a header cut short", bytes: Array(images.prefix(10)), kind: .truncated,
      sentence: "images: ends at byte 10 within the height; expected 4 bytes from byte 8 on"),
    Wrong(
      what: "one image too few", bytes: Array(images.dropLast(6)), kind: .truncated,
      sentence: "images: declares 3 images of 2×3, 18 bytes, but has at most 12 after its header"
    ),
    Wrong(
      what: "one byte too many", bytes: images + [0], kind: .trailing,
      sentence: "images: continues after 3 images of 2×3; expected its end at byte 34"),
    Wrong(
      what: "another format", bytes: Array("\u{89}PNG".utf8) + images, kind: .unrecognized,
      sentence:
        "images: is not an idx file: its content starts with c2 89 50 4e; expected 00 00 08 03"
    ),
    Wrong(
      what: "float elements", bytes: header(13, [1, 1, 1]) + [0, 0, 0, 0], kind: .unsupported,
      sentence: "images: holds elements of idx type 13 (byte 2); expected 8: unsigned bytes"),
    Wrong(
      what: "labels in place of images", bytes: labels, kind: .unrecognized,
      sentence: "images: has 1 dimensions (byte 3); expected 3 (these are labels)"),
    Wrong(
      what: "a side of 0", bytes: header(8, [3, 2, 0]), kind: .malformed,
      sentence: "images: declares a width of 0 (byte 12); expected at least 1"),
    Wrong(
      what: "no images", bytes: header(8, [0, 2, 2]), kind: .malformed,
      sentence: "images: declares a number of images of 0 (byte 4); expected at least 1"),
    Wrong(
      what: "sides beyond reason", bytes: header(8, [1, 1 << 31, 1]), kind: .tooLarge,
      sentence: "images: declares images of 2147483648×1; expected sides of at most 16384"),
    Wrong(
      what: "four billion images", bytes: header(8, [UInt32.max, 28, 28]) + [1, 2, 3],
      kind: .tooLarge,
      sentence: "images: declares 4294967295 images of 28×28, 3367254359280 bytes; "
        + "expected at most 2147483648"),
    Wrong(
      what: "more images than bytes", bytes: header(8, [2_000_000, 28, 28]) + [1, 2, 3],
      kind: .truncated,
      sentence: "images: declares 2000000 images of 28×28, 1568000000 bytes, "
        + "but has at most 3 after its header"),
  ]

  @Test("A wrong file is refused with a sentence", arguments: wrong)
  func refuses(_ wrong: Wrong) {
    let error = fileError { try Self.open(wrong.bytes) }
    #expect(error?.kind == wrong.kind)
    #expect(error?.description == wrong.sentence)
  }

  @Test("A gzip header that declares more than the gzip can hold is refused before inflating")
  func declaresTooMuch() {
    let error = fileError {
      try Self.open(gzip(Self.header(8, [2_000_000, 28, 28]) + [1, 2, 3]))
    }
    #expect(error?.kind == .truncated)
  }

  @Test("A gzip bomb behind a small header is inflated to the announced size and refused")
  func bomb() {
    let bomb = gzip(Self.images + [UInt8](repeating: 0, count: 50_000_000))
    let error = fileError { try Self.open(bomb) }
    #expect(error?.kind == .trailing)
    #expect(error?.problem.contains("byte 34 of the inflated content") == true)
  }

  @Test("Damage in the gzip is refused although every image arrived")
  func damagedChecksum() {
    var packed = gzip(Self.images)
    packed[packed.count - 5] ^= 1
    #expect(fileError { try Self.open(packed) }?.kind == .corrupt)
    #expect(fileError { try Self.open(Array(packed.dropLast(6))) }?.kind == .truncated)
  }

  @Test("A different number of images and labels is refused")
  func mismatch() {
    let error = fileError { try Self.open(Self.images, Self.header(8, [2]) + [0, 1]) }
    #expect(
      error?.description
        == "labels: holds 2 labels; expected one for each of the 3 images of images")
  }

  @Test("A folder, a missing file and a device are refused")
  func noFile() throws {
    try withTemporaryFolder { folder in
      #expect(
        fileError { try IDX.dataset(images: folder) }?.problem == "is a folder; expected a file")
      #expect(fileError { try IDX.dataset(images: "\(folder)/images") }?.kind == .missing)
      #expect(fileError { try IDX.dataset(images: "/dev/zero") }?.kind == .unreadable)
    }
  }
}

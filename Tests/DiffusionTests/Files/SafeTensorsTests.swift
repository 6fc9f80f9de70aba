import Testing

@testable import Diffusion

@Suite("SafeTensors")
struct SafeTensorsTests {
  /// A file of a header and data.
  static func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
  }

  static func open(_ content: [UInt8]) throws -> SafeTensors {
    try withTemporaryFolder { folder in
      try put(content, "\(folder)/x.safetensors")
      return try SafeTensors(contentsOf: "\(folder)/x.safetensors")
    }
  }

  @Test("Tensors, bytes and metadata written are read again")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      let weight = NamedTensor(
        name: "net.0.weight", shape: [2, 3],
        values: [1, -0.0, .pi, .leastNonzeroMagnitude, .infinity, -7])
      let scalar = NamedTensor(name: "a \"scalar\"", shape: [], values: [3])
      let empty = NamedTensor(name: "empty", shape: [0, 4], values: [])
      try SafeTensors.write(
        [.tensor(weight), .bytes(name: "state", [1, 2, 255]), .tensor(empty), .tensor(scalar)],
        metadata: [("format", "pt"), ("recipe", "a = \"b\"\n")], to: path)
      let file = try SafeTensors(contentsOf: path)
      #expect(file.metadata == ["format": "pt", "recipe": "a = \"b\"\n"])
      #expect(file.entries.map(\.name) == ["net.0.weight", "state", "empty", "a \"scalar\""])
      #expect(try file.tensor("net.0.weight") == weight)
      #expect(try file.tensor("a \"scalar\"") == scalar)
      #expect(try file.tensor("empty") == empty)
      #expect(try file.bytes("state") == [1, 2, 255])
      #expect(file.entry("state")?.type == .u8)
      #expect(file.entry("net.0.weight")?.place.lowerBound.isMultiple(of: 8) == true)
      #expect(fileError { try file.tensor("other") }?.kind == .mismatch)
    }
  }

  @Test("Every type that is read gives the same numbers")
  func types() throws {
    let header =
      #"{"h":{"dtype":"F16","shape":[7],"data_offsets":[0,14]},"#
      + #""b":{"dtype":"BF16","shape":[2],"data_offsets":[14,18]},"#
      + #""d":{"dtype":"F64","shape":[1],"data_offsets":[18,26]},"#
      + #""i":{"dtype":"I64","shape":[1],"data_offsets":[26,34]},"#
      + #""u":{"dtype":"U8","shape":[2],"data_offsets":[34,36]},"#
      + #""n":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[36,38]},"#
      + #""s":{"dtype":"I16","shape":[1],"data_offsets":[38,40]},"#
      + #""t":{"dtype":"BOOL","shape":[2],"data_offsets":[40,42]}} "#
    let halves: [UInt8] = [
      0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0xFF, 0x03, 0xFF, 0x7B, 0x00, 0xFC, 0x00, 0x80,
    ]
    let data =
      halves + [0x80, 0x3F, 0x49, 0x40] + [0, 0, 0, 0, 0, 0, 0xF8, 0xBF]
      + [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + [0, 255] + [1, 0]
      + [0xFE, 0xFF, 0, 1]
    let file = try Self.open(Self.file(header, data))
    #expect(
      try file.tensor("h").values
        == [1, -2, 0x1p-24, 1023 * 0x1p-24, 65504, -.infinity, -0.0])
    #expect(try file.tensor("h").values.last?.sign == .minus)
    #expect(try file.tensor("b").values == [1, 3.140625])
    #expect(try file.tensor("d").values == [-1.5])
    #expect(try file.tensor("i").values == [-2])
    #expect(try file.tensor("u").values == [0, 255])
    #expect(fileError { try file.tensor("n") }?.kind == .unsupported)
    #expect(try file.tensor("s").values == [-2])
    #expect(try file.tensor("t").values == [0, 1])
    #expect(try file.tensor("i").kind == .wholeNumber)
    #expect(try file.tensor("u").kind == .float)
  }

  @Test("The order in the header does not matter, the places in the file do")
  func order() throws {
    let file = try Self.open(
      Self.file(
        #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"#
          + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, [7, 8]))
    #expect(try file.bytes("a") == [7])
    #expect(try file.bytes("b") == [8])
  }

  struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let content: [UInt8]
    let kind: FileError.Kind

    init(_ what: String, _ content: [UInt8], _ kind: FileError.Kind) {
      testDescription = what
      self.content = content
      self.kind = kind
    }

    /// One tensor `t` with this description.
    init(_ what: String, tensor: String, _ data: [UInt8], _ kind: FileError.Kind) {
      self.init(what, SafeTensorsTests.file("{\"t\":{\(tensor)}}", data), kind)
    }
  }

  static let hostile = [
    Hostile("empty", [], .truncated),
    Hostile("seven bytes", [1, 0, 0, 0, 0, 0, 0], .truncated),
    Hostile(
      "header length beyond the file", [9, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), .truncated),
    Hostile("header length of 2⁶⁴ − 1", [UInt8](repeating: 255, count: 16), .unrecognized),
    Hostile("header length beyond 100 MB", [0, 0, 0, 6, 0, 0, 0, 0, 123, 125], .unrecognized),
    Hostile("no header at all", file(""), .malformed),
    Hostile("header that is a list", file("[]"), .malformed),
    Hostile("header that ends early", file("{\"t\":{\"dtype\":\"U8\""), .malformed),
    Hostile("header that is not UTF-8", [3, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xFF, 0x22], .malformed),
    Hostile("deeply nested header", file(String(repeating: "{\"a\":", count: 9999)), .malformed),
    Hostile(
      "a name twice",
      file(
        #"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
          + #""t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, [1, 2]), .malformed),
    Hostile("metadata that is not text", file(#"{"__metadata__":{"a":1}}"#), .malformed),
    Hostile("metadata that are a list", file(#"{"__metadata__":[]}"#), .malformed),
    Hostile("data of no tensor", file("{}", [0]), .trailing),
    Hostile("a tensor that is a number", file(#"{"t":5}"#), .malformed),
    Hostile("no dtype", tensor: #""shape":[1],"data_offsets":[0,1]"#, [0], .malformed),
    Hostile(
      "unknown dtype", tensor: #""dtype":"C64","shape":[1],"data_offsets":[0,8]"#,
      [0, 0, 0, 0, 0, 0, 0, 0], .unsupported),
    Hostile("no shape", tensor: #""dtype":"U8","data_offsets":[0,1]"#, [0], .malformed),
    Hostile(
      "negative side", tensor: #""dtype":"U8","shape":[-1],"data_offsets":[0,1]"#, [0], .malformed),
    Hostile(
      "side that is no number", tensor: #""dtype":"U8","shape":[NaN],"data_offsets":[0,1]"#, [0],
      .malformed),
    Hostile(
      "side with a fraction", tensor: #""dtype":"U8","shape":[1.0],"data_offsets":[0,1]"#, [0],
      .malformed),
    Hostile(
      "side of 1e400", tensor: #""dtype":"U8","shape":[1e400],"data_offsets":[0,1]"#, [0],
      .malformed),
    Hostile(
      "side with an exponent", tensor: #""dtype":"U8","shape":[1e0],"data_offsets":[0,1]"#, [0],
      .malformed),
    Hostile(
      "4 GB announced in a file of 1 KB",
      tensor: #""dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]"#,
      [UInt8](repeating: 0, count: 1024), .truncated),
    Hostile(
      "4 GB announced in the shape alone",
      tensor: #""dtype":"F32","shape":[1073741824],"data_offsets":[0,1024]"#,
      [UInt8](repeating: 0, count: 1024), .mismatch),
    Hostile(
      "a key of a tensor twice",
      tensor: #""dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,1]"#, [0], .malformed),
    Hostile("metadata twice", file(#"{"__metadata__":{},"__metadata__":{}}"#), .malformed),
    Hostile("a key of the metadata twice", file(#"{"__metadata__":{"a":"","a":""}}"#), .malformed),
    Hostile(
      "dimensions whose product overflows",
      tensor: #""dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]"#, [], .mismatch),
    Hostile(
      "dimensions whose product overflows before a 0",
      tensor:
        #""dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]"#,
      [], .mismatch),
    Hostile(
      "a side beyond 64 bits",
      tensor: #""dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]"#, [0], .malformed),
    Hostile(
      "more dimensions than any tensor has",
      tensor:
        #""dtype":"U8","shape":[\#([String](repeating: "1", count: 40).joined(separator: ","))],"data_offsets":[0,1]"#,
      [0], .malformed),
    Hostile("no offsets", tensor: #""dtype":"U8","shape":[1]"#, [0], .malformed),
    Hostile(
      "one offset", tensor: #""dtype":"U8","shape":[1],"data_offsets":[0]"#, [0], .malformed),
    Hostile(
      "offsets the wrong way round", tensor: #""dtype":"U8","shape":[1],"data_offsets":[1,0]"#, [0],
      .malformed),
    Hostile(
      "offsets beyond the file", tensor: #""dtype":"U8","shape":[9],"data_offsets":[0,9]"#, [0],
      .truncated),
    Hostile(
      "offsets near the largest number",
      tensor: #""dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]"#,
      [0], .truncated),
    Hostile(
      "size that is not the shape's", tensor: #""dtype":"F32","shape":[2],"data_offsets":[0,4]"#,
      [0, 0, 0, 0], .mismatch),
    Hostile(
      "gap", tensor: #""dtype":"U8","shape":[1],"data_offsets":[1,2]"#, [0, 0], .malformed),
    Hostile(
      "overlap",
      file(
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
          + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, [0, 0, 0]), .malformed),
    Hostile(
      "bytes after the last tensor", tensor: #""dtype":"U8","shape":[1],"data_offsets":[0,1]"#,
      [0, 0], .trailing),
  ]

  @Test("A hostile file is refused with a sentence", arguments: hostile)
  func refuses(_ hostile: Hostile) {
    let error = fileError { try Self.open(hostile.content) }
    #expect(error?.kind == hostile.kind, "\(error?.description ?? "it was read")")
    #expect(error?.problem.contains("\n") == false)
  }
}

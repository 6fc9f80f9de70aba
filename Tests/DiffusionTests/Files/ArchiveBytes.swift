@testable import Diffusion

/// The bytes of a zip file, built without any of the code under test.
struct ArchiveBytes {
  var files: [(name: String, content: [UInt8])] = []
  var isDeflated = false
  /// Whether sizes and places stand in the 64-bit records.
  var isWide = false
  var method: UInt16?
  var flags: UInt16 = 0
  var comment = ""
  var hasWrongChecksums = false

  init(_ files: [(name: String, content: [UInt8])] = []) { self.files = files }

  /// What torch.save writes: a pickle and storages by key, in a folder.
  init(pickle: [UInt8], storages: [(key: String, content: [UInt8])] = []) {
    files = [("x/data.pkl", pickle), ("x/byteorder", Array("little".utf8))]
    files += storages.map { ("x/data/\($0.key)", $0.content) }
  }

  private static func number(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  var bytes: [UInt8] {
    let number = Self.number
    var data: [UInt8] = []
    var directory: [UInt8] = []
    let unfit = Int(UInt32.max)
    for (name, content) in files {
      let packed = Packed(content)
      let stored = isDeflated ? packed.deflated : content
      let method = number(Int(method ?? (isDeflated ? 8 : 0)), 2)
      let start = data.count
      let text = Array(name.utf8)
      let head =
        number(20, 2) + number(Int(flags), 2) + method + number(0, 4)
        + (hasWrongChecksums ? [1, 2, 3, 4] : packed.checksum)
      data += [0x50, 0x4B, 3, 4] + head + number(stored.count, 4) + number(content.count, 4)
      // The extra field before the data need not be that of the directory.
      data += number(text.count, 2) + number(5, 2) + text + [9, 9, 1, 0, 7] + stored
      let extra =
        isWide
        ? number(1, 2) + number(24, 2) + number(content.count, 8) + number(stored.count, 8)
          + number(start, 8) : []
      directory += [0x50, 0x4B, 1, 2] + number(20, 2) + head
      directory += number(isWide ? unfit : stored.count, 4)
      directory += number(isWide ? unfit : content.count, 4)
      directory += number(text.count, 2) + number(extra.count, 2) + number(0, 2) + number(0, 8)
      directory += number(isWide ? unfit : start, 4) + text + extra
    }
    let start = data.count
    let count = files.count
    data += directory
    if isWide {
      let end = data.count
      data += [0x50, 0x4B, 6, 6] + number(44, 8) + number(45, 4) + number(0, 8)
      data += number(count, 8) + number(count, 8) + number(directory.count, 8) + number(start, 8)
      data += [0x50, 0x4B, 6, 7] + number(0, 4) + number(end, 8) + number(1, 4)
    }
    data += [0x50, 0x4B, 5, 6] + number(0, 4)
    for _ in 0..<2 { data += number(isWide ? 0xFFFF : count, 2) }
    data += number(isWide ? unfit : directory.count, 4) + number(isWide ? unfit : start, 4)
    return data + number(comment.utf8.count, 2) + Array(comment.utf8)
  }
}

/// The bytes of a pickle, instruction by instruction, as PyTorch writes them.
struct PickleBytes {
  indirect enum Part: Sendable {
    case number(Int)
    case text(String)
    case none
    case tuple([Part])
    case list([Part])
    case dictionary([(Part, Part)])
    case global(String, String)
    /// A name called with arguments.
    case call(Part, [Part])
    /// A storage of a type, a key and a number of elements.
    case storage(String, key: String, count: Int)
    /// Bytes put in as they are.
    case raw([UInt8])

    /// A view of a storage of floats.
    static func tensor(
      _ type: String = "FloatStorage", key: String = "0", of count: Int, at offset: Int = 0,
      _ shape: [Int], strides: [Int]? = nil
    ) -> Part {
      var contiguous: [Int] = []
      for i in shape.indices { contiguous.append(shape[(i + 1)...].reduce(1, *)) }
      return .call(
        .global("torch._utils", "_rebuild_tensor_v2"),
        [
          .storage(type, key: key, count: count), .number(offset),
          .tuple(shape.map { .number($0) }),
          .tuple((strides ?? contiguous).map { .number($0) }), .raw([0x89]),
          .call(.global("collections", "OrderedDict"), []),
        ])
    }
  }

  static func bytes(_ part: Part) -> [UInt8] { [0x80, 2] + body(part) + [UInt8(ascii: ".")] }

  static func body(_ part: Part) -> [UInt8] {
    switch part {
    case .none: return [UInt8(ascii: "N")]
    case .number(let value):
      return [0x8A, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    case .text(let text):
      let count = text.utf8.count
      return [UInt8(ascii: "X")] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        + Array(text.utf8)
    case .tuple(let parts):
      return [UInt8(ascii: "(")] + parts.flatMap(body) + [UInt8(ascii: "t")]
    case .list(let parts):
      return [UInt8(ascii: "]"), UInt8(ascii: "(")] + parts.flatMap(body) + [UInt8(ascii: "e")]
    case .dictionary(let pairs):
      return [UInt8(ascii: "}"), UInt8(ascii: "(")]
        + pairs.flatMap { body($0.0) + body($0.1) } + [UInt8(ascii: "u")]
    case .global(let module, let name):
      return Array("c\(module)\n\(name)\n".utf8)
    case .call(let callee, let arguments):
      return body(callee) + body(.tuple(arguments)) + [UInt8(ascii: "R")]
    case .storage(let type, let key, let count):
      return body(
        .tuple([
          .text("storage"), .global("torch", type), .text(key), .text("cpu"), .number(count),
        ])) + [UInt8(ascii: "Q")]
    case .raw(let bytes): return bytes
    }
  }
}

/// The bytes of floats, as a storage has them.
func storage(_ values: [Float]) -> [UInt8] {
  values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }
}

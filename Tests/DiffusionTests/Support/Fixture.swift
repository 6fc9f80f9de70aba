import Foundation

/// Numbers from another program: a safetensors file in Tests/Fixtures.
struct Fixture {
  enum Problem: Error, CustomStringConvertible {
    case malformed(String)
    case missing(String, [String])
    case wrongType(String, String)

    var description: String {
      switch self {
      case .malformed(let path): "\(path) is not a safetensors file"
      case .missing(let name, let names): "there is no \(name), only \(names)"
      case .wrongType(let name, let type): "\(name) is of type \(type)"
      }
    }
  }

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// Free words about the file, by key.
  let metadata: [String: String]
  private let entries: [String: Entry]
  private let bytes: Data

  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// Reads Tests/Fixtures/`name`.safetensors.
  init(_ name: String) throws {
    try self.init(contentsOf: Self.folder.appending(path: "\(name).safetensors"))
  }

  init(contentsOf url: URL) throws {
    let data = try Data(contentsOf: url)
    guard data.count >= 8 else { throw Problem.malformed(url.path) }
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length > 0, length <= data.count - 8 else { throw Problem.malformed(url.path) }
    let header = try JSONSerialization.jsonObject(with: data[8..<8 + length])
    guard var objects = header as? [String: Any] else { throw Problem.malformed(url.path) }
    metadata = objects.removeValue(forKey: "__metadata__") as? [String: String] ?? [:]
    entries = try JSONDecoder().decode(
      [String: Entry].self, from: JSONSerialization.data(withJSONObject: objects))
    bytes = data.subdata(in: 8 + length..<data.count)
  }

  var names: [String] { entries.keys.sorted() }

  /// The shape as it was written, PyTorch's.
  func shape(_ name: String) throws -> [Int] { try entry(name).shape }

  /// The numbers of an F32 or F64 tensor, in the order of the file.
  func floats(_ name: String) throws -> [Float] {
    let entry = try entry(name)
    return switch entry.dtype {
    case "F32": elements(entry, as: Float.self)
    case "F64": elements(entry, as: Double.self).map { Float($0) }
    default: throw Problem.wrongType(name, entry.dtype)
    }
  }

  /// The numbers of an F64 or F32 tensor, in the order of the file.
  func doubles(_ name: String) throws -> [Double] {
    let entry = try entry(name)
    return switch entry.dtype {
    case "F64": elements(entry, as: Double.self)
    case "F32": elements(entry, as: Float.self).map { Double($0) }
    default: throw Problem.wrongType(name, entry.dtype)
    }
  }

  /// The numbers of a tensor of integers, in the order of the file.
  func ints(_ name: String) throws -> [Int] {
    let entry = try entry(name)
    return switch entry.dtype {
    case "I64": elements(entry, as: Int64.self).map { Int($0) }
    case "I32": elements(entry, as: Int32.self).map { Int($0) }
    case "U8": elements(entry, as: UInt8.self).map { Int($0) }
    case "BOOL": elements(entry, as: UInt8.self).map { Int($0) }
    default: throw Problem.wrongType(name, entry.dtype)
    }
  }

  private func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else { throw Problem.missing(name, names) }
    return entry
  }

  private func elements<Element: BitwiseCopyable>(_ entry: Entry, as _: Element.Type) -> [Element] {
    bytes.withUnsafeBytes { bytes in
      let start = entry.offsets[0]
      let size = MemoryLayout<Element>.stride
      return (0..<(entry.offsets[1] - start) / size).map {
        bytes.loadUnaligned(fromByteOffset: start + $0 * size, as: Element.self)
      }
    }
  }
}

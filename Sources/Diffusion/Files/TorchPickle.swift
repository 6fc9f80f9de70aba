/// What a pickle that PyTorch wrote describes: tensors in plain containers.
///
/// A pickle is a program for a small machine with a stack. This machine knows the instructions that
/// build lists, tuples, dictionaries, numbers and text, and the few names that stand for a tensor
/// and its storage; it calls nothing, imports nothing and refuses everything else.
///
/// All values live in flat lists and refer to each other by place, so neither depth nor cycles cost
/// anything, and sharing costs no copies.
struct TorchPickle {
  enum Value {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// Bytes, which no state dict needs.
    case bytes
    case global(Global)
    /// A place in ``sequences``.
    case list(Int)
    case tuple(Int)
    /// A place in ``dictionaries``.
    case dictionary(Int)
    /// A place in ``storages``.
    case storage(Int)
    /// A place in ``tensors``.
    case tensor(Int)
  }

  /// The names that are understood.
  enum Global: Hashable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case size
    case storageType(SafeTensors.ElementType)
  }

  /// Numbers in a file of the archive.
  struct Storage: Hashable {
    let key: String
    let type: SafeTensors.ElementType
    /// The number of elements.
    let count: Int
  }

  /// A view of a storage.
  struct Tensor {
    let storage: Int
    /// The first element, and the step to the next along each side, in elements.
    let offset: Int
    let shape: [Int]
    let strides: [Int]

    /// The number of elements.
    var count: Int { shape.reduce(1, *) }
    /// The last element it reaches, or nil if it has none.
    var last: Int? {
      count == 0 ? nil : zip(shape, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 }
    }
    /// Whether its elements follow each other in the storage.
    var isContiguous: Bool {
      var expected = 1
      for (side, stride) in zip(shape, strides).reversed() where side != 1 {
        if stride != expected { return false }
        expected *= side
      }
      return true
    }
  }

  // The machine is in the extensions; outside only what it made is of interest.
  var sequences: [[Value]] = []
  var dictionaries: [[(key: Value, value: Value)]] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []
  var placeOfStorage: [Storage: Int] = [:]
  var stack: [Value] = []
  /// The heights of the stack at the marks.
  var marks: [Int] = []
  var memo: [Int: Value] = [:]
  var pushes = 0
  var reader: ByteReader

  /// Runs the pickle `bytes` of the file at `path`; returns what the whole pickle is.
  ///
  /// An error of the kind `unsupported` says that it is of something else than tensors in plain
  /// containers; others that PyTorch did not write it so.
  static func run(_ bytes: [UInt8], path: String) throws(FileError) -> (TorchPickle, root: Value) {
    var machine = TorchPickle(reader: ByteReader(bytes, of: "its pickle", path: path))
    let root = try machine.run()
    return (machine, root)
  }
}

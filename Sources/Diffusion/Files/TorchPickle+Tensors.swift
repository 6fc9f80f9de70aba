extension TorchPickle {
  /// The names that are understood, by module and name; storages are found by ``storageTypes``.
  private static let globals: [String: Global] = [
    "collections.OrderedDict": .orderedDictionary,
    "torch._utils._rebuild_tensor": .rebuildTensor,
    "torch._utils._rebuild_tensor_v2": .rebuildTensor,
    "torch._utils._rebuild_parameter": .rebuildParameter,
    "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
    "torch.Size": .size,
  ]

  private static let storageModules = ["torch", "torch.cuda", "torch.storage"]
  private static let storageTypes: [String: SafeTensors.ElementType] = [
    "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16, "DoubleStorage": .f64,
    "LongStorage": .i64, "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8,
    "ByteStorage": .u8, "BoolStorage": .bool, "UntypedStorage": .u8,
  ]

  func global(_ module: String, _ name: String) throws(FileError) -> Global {
    if let known = Self.globals["\(module).\(name)"] { return known }
    if Self.storageModules.contains(module), let type = Self.storageTypes[name] {
      return .storageType(type)
    }
    throw FileError(
      reader.path, .unsupported,
      "holds a Python object, \(Wording.quoted("\(module).\(name)")); only tensors in plain "
        + "containers are read")
  }

  /// What a known name gives for arguments; nothing is called.
  mutating func reduce() throws(FileError) {
    guard case .tuple(let place) = try pop() else {
      throw malformed("calls something without a tuple of arguments")
    }
    let arguments = sequences[place]
    guard case .global(let global) = try pop() else {
      throw malformed("calls something that is not a name")
    }
    switch global {
    case .orderedDictionary:
      try push(.dictionary(dictionary(arguments)))
    case .rebuildTensor:
      try push(.tensor(tensor(arguments)))
    case .rebuildParameter:
      guard case .tensor? = arguments.first else {
        throw malformed("makes a parameter of something other than a tensor")
      }
      try push(arguments[0])
    case .size:
      guard let size = arguments.first else { throw malformed("makes a size of nothing") }
      try push(size)
    case .storageType:
      throw malformed("makes a storage without a place in the file")
    }
  }

  /// Attributes of dictionaries and parameters, such as a state dict's versions, say no numbers.
  mutating func build() throws(FileError) {
    _ = try pop()
    switch try top() {
    case .dictionary, .tensor: break
    default: throw malformed("gives attributes to something that has none")
    }
  }

  /// An ordered dictionary from nothing, or from a list of pairs as Python 2 wrote it.
  private mutating func dictionary(_ arguments: [Value]) throws(FileError) -> Int {
    let result = keepDictionary()
    guard let pairs = arguments.first else { return result }
    for pair in try elements(pairs) {
      let both = try elements(pair)
      guard both.count == 2 else {
        throw malformed("makes a dictionary from something other than pairs")
      }
      // As many values as elsewhere: lists that are shared could be unfolded without end.
      try push(pair)
      _ = try pop()
      dictionaries[result].append((both[0], both[1]))
    }
    return result
  }

  private func elements(_ value: Value) throws(FileError) -> [Value] {
    switch value {
    case .list(let place), .tuple(let place): return sequences[place]
    default: throw malformed("has something other than a list where one is expected")
    }
  }

  private func wholeNumbers(_ value: Value) throws(FileError) -> [Int] {
    let all = try elements(value)
    guard all.count <= SafeTensorsHeader.mostDimensions else {
      throw malformed("makes a tensor of \(all.count) dimensions")
    }
    var numbers: [Int] = []
    for element in all {
      guard case .integer(let number) = element, number >= 0 else {
        throw malformed("has a size or stride that is not a non-negative whole number")
      }
      numbers.append(number)
    }
    return numbers
  }
}

// MARK: - Storages and tensors

extension TorchPickle {
  /// The storage in a separate file: ("storage", type, key, device, count).
  mutating func storage(_ value: Value) throws(FileError) -> Int {
    let fields = try elements(value)
    guard fields.count >= 5, case .text("storage") = fields[0],
      case .global(.storageType(let type)) = fields[1], case .text(let key) = fields[2],
      case .integer(let count) = fields[4], count >= 0
    else { throw malformed("refers to a storage in an unknown way") }
    let storage = Storage(key: key, type: type, count: count)
    if let place = placeOfStorage[storage] { return place }
    storages.append(storage)
    placeOfStorage[storage] = storages.count - 1
    return storages.count - 1
  }

  /// A tensor from (storage, offset, shape, strides, …).
  private mutating func tensor(_ arguments: [Value]) throws(FileError) -> Int {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], offset >= 0
    else { throw malformed("makes a tensor from something other than a storage and an offset") }
    if arguments.count > 6, case .dictionary(let marks) = arguments[6], !dictionaries[marks].isEmpty
    {
      throw FileError(
        reader.path, .unsupported, "holds a tensor marked as negated or conjugated")
    }
    let shape = try wholeNumbers(arguments[2])
    let strides = try wholeNumbers(arguments[3])
    guard shape.count == strides.count else {
      throw malformed("makes a tensor of \(shape.count) dimensions and \(strides.count) strides")
    }
    let count = storages[storage].count
    guard Self.fits(shape, strides, offset, in: count) else {
      throw malformed(
        "makes a tensor of shape \(shape) and strides \(strides) starting at element \(offset) of a "
          + "storage of \(count)")
    }
    tensors.append(Tensor(storage: storage, offset: offset, shape: shape, strides: strides))
    return tensors.count - 1
  }

  /// Whether every element lies within a storage of `count`, and their number within an Int.
  private static func fits(_ shape: [Int], _ strides: [Int], _ offset: Int, in count: Int) -> Bool {
    var (elements, last) = (1, offset)
    for (side, stride) in zip(shape, strides) where side > 0 {
      let (product, overflow) = elements.multipliedReportingOverflow(by: side)
      let (reach, far) = (side - 1).multipliedReportingOverflow(by: stride)
      let (sum, farther) = last.addingReportingOverflow(reach)
      if overflow || far || farther { return false }
      (elements, last) = (product, sum)
    }
    return shape.contains(0) || last < count
  }
}

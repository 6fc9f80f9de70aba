/// Where one tensor of a network lives in the block of all its parameters.
public struct Slot: Sendable, Hashable {
  let offset: Int
  let count: Int
}

/// One tensor of a network: the name, shape and first values it has in its original.
public struct Parameter: Sendable {
  /// How our copy of the numbers differs from PyTorch's.
  public enum Layout: Sendable {
    case same
    /// (out, in, height, width) there, (height, width, in, out) here.
    case convolution
  }

  /// The distribution of the first values.
  public enum Initialization: Sendable {
    /// Uniform on [−bound, bound].
    case uniform(bound: Float)
    case constant(Float)
  }

  public let name: String
  /// The sides in PyTorch's order.
  public let shape: [Int]
  public let layout: Layout
  public let initialization: Initialization
  let slot: Slot

  public var count: Int { slot.count }
}

/// Every tensor of a network in the order and with the names, shapes and initialisation of its
/// original.
public struct ParameterTable: Sendable {
  public private(set) var parameters: [Parameter] = []
  /// The number of floats in all tensors together.
  public private(set) var count = 0

  public init() {}

  /// Adds a tensor behind the others.
  public mutating func add(
    _ name: String, _ shape: [Int], layout: Parameter.Layout = .same,
    _ initialization: Parameter.Initialization
  ) -> Slot {
    let slot = Slot(offset: count, count: shape.reduce(1, *))
    count += slot.count
    parameters.append(
      Parameter(
        name: name, shape: shape, layout: layout, initialization: initialization, slot: slot))
    return slot
  }

  /// A block for all parameters, of zeros.
  public func makeBlock() -> Tensor { Tensor(Shape(1, 1, 1, count)) }

  /// The first values, drawn in the table's order: a seed starts where PyTorch starts.
  public func initialize(_ block: Tensor, using random: inout Random) {
    for parameter in parameters {
      var values = [Float](repeating: 0, count: parameter.count)
      switch parameter.initialization {
      case .uniform(let bound):
        for i in values.indices { values[i] = random.uniform() * (2 * bound) - bound }
      case .constant(let value):
        for i in values.indices { values[i] = value }
      }
      write(values, of: parameter, into: block)
    }
  }

  /// All tensors of `block` under their original names, order and layout.
  public func export(_ block: Tensor) -> [NamedTensor] {
    parameters.map { parameter in
      let start = block.pointer + parameter.slot.offset
      var values = [Float](repeating: 0, count: parameter.count)
      parameter.forEachPair { values[$0] = start[$1] }
      return NamedTensor(name: parameter.name, shape: parameter.shape, values: values)
    }
  }

  /// Fills `block` from tensors with the table's names and shapes, in any order.
  ///
  /// - Throws: ``ParameterMismatch`` naming every missing, unexpected and wrongly shaped tensor; the
  ///   block is then as it was.
  public func load(_ tensors: [NamedTensor], into block: Tensor) throws(ParameterMismatch) {
    var waiting: [String: NamedTensor] = [:]
    for tensor in tensors { waiting[tensor.name] = tensor }
    var mismatch = ParameterMismatch()
    var matched: [(Parameter, NamedTensor)] = []
    for parameter in parameters {
      guard let tensor = waiting.removeValue(forKey: parameter.name) else {
        mismatch.missing.append(parameter.name)
        continue
      }
      if tensor.shape == parameter.shape && tensor.values.count == parameter.count {
        matched.append((parameter, tensor))
      } else {
        mismatch.wronglyShaped.append((parameter.name, parameter.shape, tensor.shape))
      }
    }
    mismatch.unexpected = waiting.keys.sorted()
    guard mismatch.isEmpty else { throw mismatch }
    for (parameter, tensor) in matched { write(tensor.values, of: parameter, into: block) }
  }

  private func write(_ values: [Float], of parameter: Parameter, into block: Tensor) {
    let start = block.pointer + parameter.slot.offset
    parameter.forEachPair { start[$1] = values[$0] }
  }
}

extension Parameter {
  /// Calls `body` with every number's place in PyTorch's layout and in ours.
  fileprivate func forEachPair(_ body: (_ theirs: Int, _ ours: Int) -> Void) {
    switch layout {
    case .same:
      for i in 0..<count { body(i, i) }
    case .convolution:
      let (output, input, taps) = (shape[0], shape[1], shape[2] * shape[3])
      for o in 0..<output {
        for i in 0..<input {
          for t in 0..<taps { body((o * input + i) * taps + t, (t * input + i) * output + o) }
        }
      }
    }
  }
}

/// Tensors that do not fit a network.
public struct ParameterMismatch: Error, CustomStringConvertible {
  public var missing: [String] = []
  public var unexpected: [String] = []
  public var wronglyShaped: [(name: String, expected: [Int], found: [Int])] = []

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && wronglyShaped.isEmpty }

  public var description: String {
    var lines = ["the weights do not fit the network:"]
    lines += missing.map { "  missing          \($0)" }
    lines += unexpected.map { "  unexpected       \($0)" }
    lines += wronglyShaped.map {
      "  wrong shape      \($0.name): expected \($0.expected), found \($0.found)"
    }
    return lines.joined(separator: "\n")
  }
}

/// Every tensor of a network, in the order and with the names, shapes and initialisation of the
/// original.
///
/// All values together are one block. Trainable tensors come first, so that the optimiser, the norm of the
/// gradients and the moving average are loops over its start.
public struct ParameterTable: Sendable {
  /// The tensors in the order of the original.
  public private(set) var parameters: [Parameter] = []
  /// The number of trainable floats.
  public private(set) var trainableCount = 0
  /// The number of floats that are frozen, or statistics of what was seen.
  package private(set) var untrainedCount = 0
  /// What fills the tensors at first, in the order in which the original draws; the last counts.
  private var draws: [(parameter: Parameter, initialization: Parameter.Initialization)] = []

  /// An empty table; making layers adds their tensors.
  public init() {}

  /// The number of floats in all tensors together.
  public var count: Int { trainableCount + untrainedCount }

  /// Adds a tensor after the others.
  public mutating func add(
    _ name: String, _ shape: [Int], permutation: [Int] = [], role: Parameter.Role = .trainable,
    _ initialization: Parameter.Initialization
  ) -> Slot {
    precondition(
      permutation.isEmpty || permutation.sorted() == Array(shape.indices),
      "\(permutation) is not an order of the dimensions \(shape)")
    let isTrainable = role == .trainable
    let slot = Slot(
      offset: isTrainable ? trainableCount : untrainedCount, count: shape.reduce(1, *),
      isTrainable: isTrainable)
    if isTrainable { trainableCount += slot.count } else { untrainedCount += slot.count }
    let parameter = Parameter(
      name: name, shape: shape, permutation: permutation, role: role, slot: slot)
    parameters.append(parameter)
    draws.append((parameter, initialization))
    return slot
  }

  /// Draws a tensor once more, here in the order of draws, as originals do that go over their
  /// layers a second time.
  ///
  /// - Precondition: a tensor of that name was added.
  package mutating func redraw(_ name: String, _ initialization: Parameter.Initialization) {
    guard let parameter = parameters.first(where: { $0.name == name }) else {
      preconditionFailure("there is no \(name) to draw again")
    }
    draws.append((parameter, initialization))
  }

  /// Sorts the tensors by the prefixes of their names, for originals that list them in another
  /// order than they draw them; those with equal prefixes keep their order.
  ///
  /// - Precondition: every name begins with one of `prefixes`.
  package mutating func arrange(by prefixes: [String]) {
    var groups = [[Parameter]](repeating: [], count: prefixes.count)
    for parameter in parameters {
      guard let group = prefixes.firstIndex(where: parameter.name.hasPrefix) else {
        preconditionFailure("no prefix for \(parameter.name)")
      }
      groups[group].append(parameter)
    }
    parameters = groups.flatMap(\.self)
  }

  /// A block of zeros for all parameters.
  public func makeBlock() -> Tensor { Tensor(Shape(1, 1, 1, count)) }

  /// A block of zeros for the trainable parameters: gradients and moments.
  public func makeTrainableBlock() -> Tensor { Tensor(Shape(1, 1, 1, trainableCount)) }

  /// Fills a block with initial values, drawn in the order of the original: a seed gives PyTorch's values.
  public func initialize(_ block: Tensor, using random: inout Random) {
    for (parameter, initialization) in draws {
      let values = initialization.make(parameter.count, using: &random)
      write(values, of: parameter, into: block)
    }
  }

  /// Where a tensor starts in a block.
  func offset(_ slot: Slot) -> Int { slot.offset + (slot.isTrainable ? 0 : trainableCount) }
}

// MARK: - In and out

extension ParameterTable {
  /// All tensors of `block` under their original names, order and layout; for a block of
  /// ``trainableCount`` values, only the trainable ones.
  public func export(_ block: Tensor) -> [NamedTensor] {
    parameters(ofBlock: block.count).map { parameter in
      NamedTensor(
        name: parameter.name, shape: parameter.shape, values: values(of: parameter, in: block),
        kind: parameter.kind)
    }
  }

  /// The tensors of a block under their original names, order and layout, one at a time.
  package func source(_ block: Weights) -> TensorSource {
    let parameters = parameters(ofBlock: block.count)
    return TensorSource(
      parameters.map { .init(name: $0.name, shape: $0.shape, kind: $0.kind) }
    ) { values(of: parameters[$0], in: block.tensor) }
  }

  private func values(of parameter: Parameter, in block: Tensor) -> [Float] {
    let start = block.pointer + offset(parameter.slot)
    var values = [Float](repeating: 0, count: parameter.count)
    withExtendedLifetime(block) { parameter.forEachPair { values[$0] = start[$1] } }
    return values
  }

  /// Fills `block` from tensors with the table's names and shapes, in any order.
  ///
  /// - Throws: ``ParameterMismatch`` naming every missing, unexpected and wrongly shaped tensor;
  ///   the block is then as it was.
  public func load(_ tensors: [NamedTensor], into block: Tensor) throws(ParameterMismatch) {
    let source = TensorSource(tensors)
    for (parameter, index) in try places(of: source, count: block.count) {
      write(tensors[index].values, of: parameter, into: block)
    }
  }

  /// Fills `block` from a source with the table's names and shapes, in any order.
  ///
  /// - Throws: ``ParameterMismatch`` as ``load(_:into:)-([NamedTensor],_)``, or the error of the
  ///   source, after which the block is filled in part.
  package func load(_ source: TensorSource, into block: Tensor) throws {
    for (parameter, index) in try places(of: source, count: block.count) {
      write(try source.values(at: index), of: parameter, into: block)
    }
  }

  /// The weights that a source has for the network of this table.
  package func weights(from source: TensorSource) throws -> Weights {
    try Weights(count: count) { try load(source, into: $0) }
  }

  /// Where each tensor of a block of `count` numbers is in a source.
  func places(
    of source: TensorSource, count: Int
  ) throws(ParameterMismatch) -> [(Parameter, Int)] {
    var waiting: [String: Int] = [:]
    for (index, entry) in source.entries.enumerated() { waiting[entry.name] = index }
    var mismatch = ParameterMismatch()
    var matched: [(Parameter, Int)] = []
    for parameter in parameters(ofBlock: count) {
      guard let index = waiting.removeValue(forKey: parameter.name) else {
        // PyTorch itself does without the counter in files from before it was invented.
        if parameter.role != .counter { mismatch.missing.append(parameter.name) }
        continue
      }
      let shape = source.entries[index].shape
      if shape == parameter.shape {
        matched.append((parameter, index))
      } else {
        mismatch.wronglyShaped.append((parameter.name, parameter.shape, shape))
      }
    }
    mismatch.unexpected = waiting.keys.sorted()
    guard mismatch.isEmpty else { throw mismatch }
    return matched
  }

  private func parameters(ofBlock size: Int) -> [Parameter] {
    precondition(
      size == count || size == trainableCount,
      "a block has \(count) numbers, or \(trainableCount) to train, got \(size)")
    return size == count ? parameters : parameters.filter { $0.role == .trainable }
  }

  private func write(_ values: [Float], of parameter: Parameter, into block: Tensor) {
    let start = block.pointer + offset(parameter.slot)
    parameter.forEachPair { start[$1] = values[$0] }
  }
}

/// Where one tensor of a network is stored in the block of all its parameters.
public struct Slot: Sendable, Hashable {
  /// Floats from the first of its kind: of those that training moves, or of those it does not.
  let offset: Int
  /// The number of floats.
  public let count: Int
  let isTrainable: Bool
}

/// One tensor of a network: its name, shape and initial values in the original.
public struct Parameter: Sendable {
  /// What changes the values.
  public enum Role: String, Sendable, CaseIterable {
    /// The optimiser.
    case trainable
    /// Nothing; the initial values stay.
    case frozen
    /// Layers such as batch norm, during training; the moving average copies them.
    case statistic
    /// Like ``statistic``, but a whole number, which is stored as one in files.
    case counter
  }

  /// The distribution of the initial values.
  public enum Initialization: Sendable {
    /// Uniform on [−bound, bound].
    case uniform(bound: Float)
    /// Normal with mean 0.
    case normal(deviation: Float)
    /// The same number everywhere.
    case constant(Float)
    /// The values that a function draws; it need not use the random stream.
    case drawn(@Sendable (_ count: Int, _ random: inout Random) -> [Float])
  }

  /// The name in the original, such as "down1.conv.weight".
  public let name: String
  /// The dimensions in PyTorch's order; none for a single number.
  public let shape: [Int]
  /// For each dimension of our copy, outermost first, which of PyTorch's it is; empty for the same
  /// order.
  package let permutation: [Int]
  /// What changes the values.
  package let role: Role
  let slot: Slot

  /// The number of values.
  public var count: Int { slot.count }

  /// What its numbers are to other programs.
  var kind: NamedTensor.Kind { role == .counter ? .wholeNumber : .float }
}

extension Parameter.Initialization {
  /// The numbers, drawn as PyTorch draws them.
  func make(_ count: Int, using random: inout Random) -> [Float] {
    switch self {
    case .uniform(let bound):
      (0..<count).map { _ in random.uniform() * (2 * bound) - bound }
    case .normal(let deviation):
      random.normals(count).map { $0 * deviation }
    case .constant(let value):
      [Float](repeating: value, count: count)
    case .drawn(let draw):
      draw(count, &random)
    }
  }
}

extension Parameter {
  /// Calls `body` with every number's place in PyTorch's layout and in ours.
  func forEachPair(_ body: (_ theirs: Int, _ ours: Int) -> Void) {
    guard !permutation.isEmpty else {
      for i in 0..<count { body(i, i) }
      return
    }
    var theirStrides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.dropLast().reversed() {
      theirStrides[dimension] = theirStrides[dimension + 1] * shape[dimension + 1]
    }
    let dimensions = permutation.map { shape[$0] }
    let strides = permutation.map { theirStrides[$0] }
    var place = [Int](repeating: 0, count: dimensions.count)
    var theirs = 0
    for ours in 0..<count {
      body(theirs, ours)
      // The next place, as an odometer turns.
      for dimension in dimensions.indices.reversed() {
        place[dimension] += 1
        theirs += strides[dimension]
        if place[dimension] < dimensions[dimension] { break }
        theirs -= place[dimension] * strides[dimension]
        place[dimension] = 0
      }
    }
  }
}

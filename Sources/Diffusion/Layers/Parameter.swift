/// Where one tensor of a network lives in the block of all its parameters.
public struct Slot: Sendable, Hashable {
  /// Floats from the first of its kind: of those that training moves, or of those it does not.
  let offset: Int
  /// The number of floats.
  public let count: Int
  let isTrainable: Bool
}

/// One tensor of a network: the name, shape and first values it has in its original.
public struct Parameter: Sendable {
  /// Who changes the numbers.
  public enum Role: String, Sendable, CaseIterable {
    /// The optimiser.
    case trainable
    /// Nothing; the values stay as they were initialised.
    case frozen
    /// Layers such as batch norm, from what they see in training; the moving average takes them as
    /// they are.
    case statistic
    /// As ``statistic``, a whole number, which files keep as one.
    case counter
  }

  /// The distribution of the first values.
  public enum Initialization: Sendable {
    /// Uniform on [−bound, bound].
    case uniform(bound: Float)
    /// Normal with mean 0.
    case normal(deviation: Float)
    /// The same number everywhere.
    case constant(Float)
    /// What a function draws for so many numbers; it may also leave the stream alone.
    case drawn(@Sendable (_ count: Int, _ random: inout Random) -> [Float])
  }

  /// The name in its original, such as "down1.conv.weight".
  public let name: String
  /// The dimensions in PyTorch's order; none for a single number.
  public let shape: [Int]
  /// For each dimension of our copy, outermost first, which of PyTorch's it is; empty for the same
  /// order.
  package let permutation: [Int]
  /// Who changes the numbers.
  package let role: Role
  let slot: Slot

  /// How many numbers it has.
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

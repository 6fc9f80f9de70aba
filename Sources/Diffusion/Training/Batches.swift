/// Which samples a training step sees: an endless stream of random permutations of the data set.
///
/// A permutation is drawn only when the one before is used up; a batch may span two.
struct Batches: Sendable {
  /// The number of samples in the data set.
  private let count: Int
  /// The stream as it was before the present permutation was drawn, from which it can be drawn
  /// again.
  private(set) var origin: Random?
  /// How much of the permutation is used up.
  private(set) var position = 0
  private var order: [Int] = []

  /// - Parameter count: the number of samples, at least 1.
  init(count: Int) {
    precondition(count > 0, "cannot draw batches from an empty data set")
    self.count = count
  }

  /// Goes on inside the permutation that `origin` gives; nil if it is not that long.
  init?(count: Int, origin: Random, position: Int) {
    guard (0...count).contains(position) else { return nil }
    self.init(count: count)
    var stream = origin
    self.origin = origin
    self.position = position
    order = stream.permutation(count)
  }

  /// The numbers of the next `size` samples.
  mutating func next(_ size: Int, using random: inout Random) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(size)
    while indices.count < size {
      if position == order.count {
        origin = random
        order = random.permutation(count)
        position = 0
      }
      let taken = min(size - indices.count, order.count - position)
      indices += order[position..<position + taken]
      position += taken
    }
    return indices
  }
}

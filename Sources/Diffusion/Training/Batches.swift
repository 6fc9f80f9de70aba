/// Which samples a training step sees: an endless stream of random permutations of the data set.
///
/// A permutation is drawn only when the one before is used up; a batch may span two.
struct Batches: Sendable, Equatable {
  private(set) var order: [Int] = []
  private(set) var position = 0
  private let count: Int

  /// - Parameter count: the number of samples, at least 1.
  init(count: Int) {
    precondition(count > 0, "cannot draw batches from an empty data set")
    self.count = count
  }

  /// Goes on inside a permutation; nil if it is not one of the samples' numbers.
  init?(count: Int, order: [Int], position: Int) {
    guard order.isEmpty || order.sorted() == Array(0..<count), (0...order.count) ~= position else {
      return nil
    }
    self.count = count
    self.order = order
    self.position = position
  }

  /// The numbers of the next `size` samples.
  mutating func next(_ size: Int, using random: inout Random) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(size)
    while indices.count < size {
      if position == order.count {
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

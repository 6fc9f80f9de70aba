/// The units of an activation, and how many of them are always zero.
public struct ActivationUnits: Sendable, Hashable {
  /// Those that were zero throughout.
  public let dead: Int
  /// All of them.
  public let all: Int
}

extension ActivationUnits {
  /// How many channels of an activation are zero for all samples and places.
  init(_ y: Tensor) {
    let (channels, rows) = (y.shape.channels, y.count / max(y.shape.channels, 1))
    var isAlive = [Bool](repeating: false, count: channels)
    var row = y.pointer
    for _ in 0..<rows {
      for channel in 0..<channels where row[channel] > 0 { isAlive[channel] = true }
      row += channels
    }
    self.init(dead: isAlive.count { !$0 }, all: channels)
  }
}

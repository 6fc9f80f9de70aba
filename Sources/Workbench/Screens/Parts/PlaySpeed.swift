import TUI

/// How fast trajectories are played.
struct PlaySpeed: Sendable {
  private var index = 5

  private static let all = [1.0, 2, 4, 8, 12, 24, 30, 60]

  var framesPerSecond: Double { Self.all[index] }
  /// Seconds from frame to frame.
  var interval: Double { 1 / framesPerSecond }
  var text: String { "\(Numbers.fixed(framesPerSecond, 0)) frames/s" }

  mutating func change(by steps: Int) {
    index = min(max(index + steps, 0), Self.all.count - 1)
  }
}

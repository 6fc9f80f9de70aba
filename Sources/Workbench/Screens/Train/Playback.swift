import Diffusion

/// Frames of one request as they arrive, and the one that is shown.
///
/// While a trajectory is played the next one waits until the current one has been.
struct Playback: Sendable {
  private var present = Reel()
  private var waiting = Reel()
  /// The frame that is shown, among those that are kept.
  private(set) var shown = 0

  /// The request that the frame answers.
  var number: Int { present.number }
  /// The training step of the weights.
  var weightsStep: Int { present.weightsStep }

  var frame: Frame? { present.frames.indices.contains(shown) ? present.frames[shown] : nil }

  /// The share of the trajectory that is there, 0 to 1.
  var available: Double {
    guard let last = present.frames.last else { return 0 }
    return Double(last.index + 1) / Double(last.frameCount)
  }

  /// Whether there is more to show.
  var isPlaying: Bool { shown + 1 < present.frames.count || !waiting.frames.isEmpty }

  mutating func add(_ frame: Frame, number: Int, weightsStep: Int) {
    if present.number == 0 { present = Reel(number: number, weightsStep: weightsStep) }
    if number == present.number {
      if present.add(frame) { shown /= 2 }
    } else {
      if number != waiting.number { waiting = Reel(number: number, weightsStep: weightsStep) }
      waiting.add(frame)
    }
  }

  /// Shows another frame of those that are there.
  mutating func scrub(by steps: Int) {
    shown = min(max(shown + steps, 0), max(present.frames.count - 1, 0))
  }

  /// The frames up to the one that is shown.
  var framesSoFar: ArraySlice<Frame> { present.frames.prefix(shown + 1) }

  /// The first frame of the trajectory, from which points have their scale.
  var first: Frame? { present.frames.first }

  /// Shows the next frame, or begins with those that wait once the present trajectory is at its end.
  mutating func advance() {
    if shown + 1 < present.frames.count {
      shown += 1
    } else if !waiting.frames.isEmpty {
      // A newer trajectory has ended the computation of this one, finished or not.
      (present, waiting) = (waiting, Reel())
      shown = 0
    }
  }
}

/// The frames of one trajectory, within bounds: where they take too much memory every other one is let go,
/// and from then on only every other one of those that come is kept; the last one always is.
private struct Reel: Sendable {
  /// The request that the frames answer; 0 for none.
  var number = 0
  var weightsStep = 0
  private(set) var frames: [Frame] = []
  /// Of so many frames one is kept.
  private var stride = 1

  /// The most bytes of numbers that are kept: 64 MB.
  private static let limit = 64 << 20

  init(number: Int = 0, weightsStep: Int = 0) {
    self.number = number
    self.weightsStep = weightsStep
  }

  /// Adds a frame; returns whether others had to go.
  @discardableResult
  mutating func add(_ frame: Frame) -> Bool {
    guard frame.isLast || frame.index.isMultiple(of: stride) else { return false }
    frames.append(frame)
    let numbers = frame.numberCount
    let bytes = frames.count * numbers * MemoryLayout<Float>.stride
    guard bytes > Self.limit, frames.count > 2 else { return false }
    stride *= 2
    frames.removeAll { !$0.isLast && !$0.index.isMultiple(of: stride) }
    return true
  }
}

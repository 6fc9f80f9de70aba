import Diffusion
import TUI

/// A stretch of frames that is played again and again.
extension DenoiseScreen {
  struct Loop: Sendable, Equatable {
    var start: Int
    /// Nil until it is marked.
    var end: Int?
  }

  /// The frames that are looped.
  var loopedFrames: ClosedRange<Int>? {
    guard let loop, let end = loop.end, end < recording.count else { return nil }
    return loop.start...end
  }

  /// Marks the start, then the end, then nothing.
  mutating func markLoop(_ session: inout Session) {
    switch loop {
    case nil:
      loop = Loop(start: frameIndex)
      session.note("loop from frame \(Numbers.grouped(frameIndex)); k again where it ends")
    case let marked? where marked.end == nil && marked.start != frameIndex:
      let (start, end) = (min(marked.start, frameIndex), max(marked.start, frameIndex))
      loop = Loop(start: start, end: end)
      isPlaying = true
      heldRatio = nil
      session.note("looping frames \(Numbers.grouped(start)) to \(Numbers.grouped(end))")
    default:
      loop = nil
      session.note("loop ended")
    }
  }

  var loopTitle: String {
    guard let loop else { return "loop from here" }
    return loop.end == nil && loop.start != frameIndex ? "loop to here" : "end the loop"
  }
}

import Diffusion

/// The newest trajectory that was sampled for the Denoise screen or, before there is one, as a preview.
struct GeneratedSamples: Sendable {
  /// The request that drew them.
  private(set) var request = 0
  private(set) var slot = TrainScreen.preview
  /// Frames from x_T on, evenly apart: at most about a hundred, and no more than 64 MB.
  private(set) var frames: [Frame] = []
  /// Whether they are the whole trajectory.
  private var isComplete = false
  /// The next trajectory, which takes the place of this one when it is complete.
  private var next: [Frame] = []
  private var nextRequest = 0
  private var nextSlot = TrainScreen.preview

  private static let most = 100
  /// 64 MB.
  private static let mostBytes = 64 << 20

  /// How many samples there are.
  var count: Int { frames.first?.shape.batch ?? 0 }

  /// Takes in what a sampling run tells; whether there are other frames now.
  mutating func receive(_ event: SamplingEvent, _ slot: SampleSlot) -> Bool {
    switch event {
    case .frame(let number, let frame):
      guard accepts(slot) else { return false }
      if number != nextRequest || slot != nextSlot {
        (next, nextRequest, nextSlot) = ([], number, slot)
      }
      let numbers = frame.numberCount
      let bytes = max(1, numbers * MemoryLayout<Float>.stride)
      let most = max(2, min(Self.most, Self.mostBytes / bytes))
      let stride = max(1, (frame.frameCount + most - 1) / most)
      if frame.index.isMultiple(of: stride) || frame.index == frame.frameCount - 1 {
        next.append(frame)
      }
      // A part is better than nothing.
      guard !isComplete else { return false }
      show()
      return true
    case .finished(let number):
      guard number == nextRequest, slot == nextSlot, !next.isEmpty else { return false }
      show()
      next = []
      isComplete = true
      return true
    case .failed: return false
    }
  }

  private mutating func show() { (frames, request, slot) = (next, nextRequest, nextSlot) }

  /// Previews are not looked at once there are samples that were asked for.
  private func accepts(_ slot: SampleSlot) -> Bool {
    slot == DenoiseScreen.slot
      || slot == TrainScreen.preview && self.slot == TrainScreen.preview
        && nextSlot == TrainScreen.preview
  }
}

internal import Synchronization

/// The frames of a trajectory, all of them exact: in memory up to a bound, in a file beyond it.
///
/// One run writes it while the screen reads it; any frame comes back in well under a millisecond
/// for the batches that a screen shows. Frames that cannot be kept are refused whole: what was
/// recorded before stays readable.
package final class Recording: Sendable {
  /// A frame, without its numbers if they are in the file.
  private struct Entry {
    var frame: Frame
    /// Where the numbers of x begin in the file, those of x̂_0 following; nil if they are in
    /// `frame`.
    var offset: Int?
    /// Whether an estimate, and how sure the denoiser was, come after that in the file.
    var hasEstimate = false
    var hasConfidence = false
  }

  private struct State {
    var entries: [Entry] = []
    var bytes = 0
    var file: SpillFile?
  }

  private let state: Mutex<State>
  private let memory: Int
  private let directory: String?

  /// A recording that keeps at most `memory` bytes of numbers in memory, and what comes after in a
  /// nameless file in `directory`, which is made when it is needed and goes with the recording.
  package init(memory: Int = 512 << 20, directory: String? = nil) {
    self.memory = memory
    self.directory = directory
    state = Mutex(State())
  }

  /// A recording that writes what does not fit to a file already open, which it closes.
  init(memory: Int, descriptor: Int32) {
    self.memory = memory
    directory = nil
    state = Mutex(State(file: SpillFile(descriptor: descriptor)))
  }

  private init(memory: Int, directory: String?, _ state: consuming State) {
    (self.memory, self.directory) = (memory, directory)
    self.state = Mutex(state)
  }

  private static func arrays(of frame: Frame) -> [[Float]] {
    [frame.x, frame.x0] + frame.history.tensors
      + [frame.history.estimate, frame.confidence].filter { !$0.isEmpty }
  }

  private static func bytes(of frame: Frame) -> Int {
    frame.numberCount * MemoryLayout<Float>.stride
  }

  /// Adds a frame.
  package func append(_ frame: Frame) throws(RecordingError) {
    try state.withLock { (state) throws(RecordingError) in
      let arrays = Self.arrays(of: frame)
      let bytes = Self.bytes(of: frame)
      guard state.bytes + bytes > memory else {
        state.bytes += bytes
        state.entries.append(Entry(frame: frame, offset: nil))
        return
      }
      let file: SpillFile
      if let open = state.file { file = open } else { file = try SpillFile(in: directory) }
      state.file = file
      let offset = try file.append(arrays)
      var entry = Entry(frame: frame, offset: offset)
      (entry.frame.x, entry.frame.x0) = ([], [])
      entry.frame.history.tensors = frame.history.tensors.map { _ in [] }
      (entry.frame.history.estimate, entry.frame.confidence) = ([], [])
      entry.hasEstimate = !frame.history.estimate.isEmpty
      entry.hasConfidence = !frame.confidence.isEmpty
      state.entries.append(entry)
    }
  }

  /// The frame recorded as number `index`, from 0 to ``count`` − 1.
  package func frame(at index: Int) throws(RecordingError) -> Frame {
    try state.withLock { (state) throws(RecordingError) in
      precondition(
        state.entries.indices.contains(index),
        "there are \(state.entries.count) frames, but frame \(index) was requested")
      let entry = state.entries[index]
      guard let offset = entry.offset, let file = state.file else { return entry.frame }
      var frame = entry.frame
      let count = frame.shape.count
      var next = offset
      func read() throws(RecordingError) -> [Float] {
        defer { next += count * MemoryLayout<Float>.stride }
        return try file.read(count, at: next)
      }
      frame.x = try read()
      frame.x0 = try read()
      for index in frame.history.tensors.indices { frame.history.tensors[index] = try read() }
      if entry.hasEstimate { frame.history.estimate = try read() }
      if entry.hasConfidence { frame.confidence = try read() }
      return frame
    }
  }
}

extension Recording {
  /// The first frames, for a trajectory that goes on from there in another way.
  ///
  /// - Precondition: there are as many.
  package func prefix(_ count: Int) -> Recording {
    state.withLock { state in
      precondition(
        count <= state.entries.count, "there are \(state.entries.count) frames, not \(count)")
      let kept = Array(state.entries.prefix(count))
      let bytes = kept.reduce(0) { sum, entry in
        entry.offset == nil ? sum + Self.bytes(of: entry.frame) : sum
      }
      // Nothing in the file is changed by what is written after it.
      return Recording(
        memory: memory, directory: directory,
        State(entries: kept, bytes: bytes, file: state.file))
    }
  }
}

// MARK: - Views

extension Recording {
  /// The number of frames so far.
  package var count: Int { state.withLock { $0.entries.count } }

  /// How many of the frames are in the file.
  package var spilled: Int { state.withLock { $0.entries.count { $0.offset != nil } } }

  /// ``Frame/change`` of each frame.
  package var changes: [Double] { state.withLock { $0.entries.map(\.frame.rmsChange) } }

  /// The noise level of each frame.
  package var levels: [NoiseLevel] { state.withLock { $0.entries.map(\.frame.level) } }

  /// The frame whose noise σ/α is nearest to `ratio`, by factor; nil if nothing was recorded.
  ///
  /// Finds the same moment in a trajectory with another schedule or another number of steps.
  package func nearestIndex(ratio: Double) -> Int? {
    func distance(_ level: NoiseLevel) -> Double {
      // Equal first, so that two infinities, or two zeros, are no distance apart.
      if level.sigmaOverAlpha == ratio { return 0 }
      return abs(NoiseLevel(sigma: ratio).logSNR - level.logSNR)
    }
    let levels = levels
    let distances = levels.map(distance)
    let nearest = distances.indices.min { distances[$0] < distances[$1] }
    // Where a trajectory comes to a level again, its last visit has the result.
    return nearest.flatMap { index in levels.lastIndex { $0 == levels[index] } }
  }
}

/// Why a frame could not be kept or read back.
package enum RecordingError: Error, Hashable, CustomStringConvertible {
  case cannotMakeFile(directory: String, reason: String)
  case cannotWrite(reason: String)
  case cannotRead(reason: String)

  package var description: String {
    switch self {
    case .cannotMakeFile(let directory, let reason):
      "The recording outgrew its memory and no temporary file could be made in \(directory): "
        + "\(reason)."
    case .cannotWrite(let reason):
      "The recording outgrew its memory and its temporary file cannot grow: \(reason). "
        + "The frames so far are kept."
    case .cannotRead(let reason):
      "A frame cannot be read back from the recording's temporary file: \(reason)."
    }
  }
}

import Foundation
import Testing

@testable import Diffusion

@Suite("Recordings")
struct RecordingTests {
  static let frames = Array(
    Trajectory(
      SamplingConfiguration(DDPM(steps: 20), count: 4), schedule: .logLinear(),
      sample: Shape(1, 5, 5, 3), dataRange: -1...1, denoiser: GaussianDenoiser()))

  /// The bytes of one frame: x and x̂_0.
  static let frameBytes = 2 * 4 * 75 * 4

  @Test("gives back every frame exactly, from memory and from the file")
  func exact() throws {
    let recording = Recording(memory: 3 * Self.frameBytes)
    for frame in Self.frames { try recording.append(frame) }
    #expect(recording.count == 21)
    #expect(recording.spilled == 18)
    for (index, frame) in Self.frames.enumerated() {
      let found = try recording.frame(at: index)
      #expect(found.x == frame.x)
      #expect(found.x0 == frame.x0)
      #expect(found.index == index && found.frameCount == 21 && found.step == frame.step)
      #expect(found.rmsChange == frame.rmsChange && found.noiseDraws == frame.noiseDraws)
    }
    #expect(recording.changes == Self.frames.map(\.rmsChange))
    #expect(recording.levels == Self.frames.map(\.level))
  }

  @Test("keeps what a sampler remembers with its frame, in memory and in the file")
  func history() throws {
    let frames = Array(
      Trajectory(
        SamplingConfiguration(DPMSolver(steps: 8), count: 2), schedule: .logLinear(),
        sample: Shape(1, 2, 2, 1), dataRange: -1...1, denoiser: GaussianDenoiser()))
    for memory in [0, 1 << 20] {
      let recording = Recording(memory: memory)
      for frame in frames { try recording.append(frame) }
      for (index, frame) in frames.enumerated() {
        #expect(try recording.frame(at: index).history == frame.history)
      }
    }
    #expect(frames[3].history.tensors.count == 1)
  }

  @Test("keeps everything in memory while it fits")
  func inMemory() throws {
    let recording = Recording()
    for frame in Self.frames { try recording.append(frame) }
    #expect(recording.spilled == 0)
    #expect(try recording.frame(at: 20).x == Self.frames[20].x)
  }

  @Test("finds the frame of nearest noise")
  func nearest() throws {
    let recording = Recording()
    #expect(recording.nearestIndex(ratio: 1) == nil)
    for frame in Self.frames { try recording.append(frame) }
    for (index, level) in recording.levels.enumerated() {
      #expect(recording.nearestIndex(ratio: level.sigmaOverAlpha) == index)
    }
    #expect(recording.nearestIndex(ratio: 9.9) == 0)
    #expect(recording.nearestIndex(ratio: .infinity) == 0)
    #expect(recording.nearestIndex(ratio: 0) == 20)
    // A level that is come to again has its result in the last visit.
    for frame in Self.frames { try recording.append(frame) }
    #expect(recording.nearestIndex(ratio: 0) == 41)
  }

  @Test("a full disk is said in a sentence and harms no frame")
  func fullDisk() throws {
    let descriptor = open("/dev/full", O_RDWR)
    try #require(descriptor >= 0)
    let recording = Recording(memory: 2 * Self.frameBytes, descriptor: descriptor)
    try recording.append(Self.frames[0])
    try recording.append(Self.frames[1])
    let error = #expect(throws: RecordingError.self) { try recording.append(Self.frames[2]) }
    #expect(error?.description.contains("No space left on device") == true)
    #expect(recording.count == 2)
    #expect(try recording.frame(at: 1).x == Self.frames[1].x)
  }

  @Test("a folder that cannot be written to is named")
  func noFolder() {
    let recording = Recording(memory: 0, directory: "/nonexistent")
    let error = #expect(throws: RecordingError.self) { try recording.append(Self.frames[0]) }
    #expect(error?.description.contains("/nonexistent") == true)
    #expect(recording.count == 0)
  }

  @Test("is read while it is written")
  func concurrent() async throws {
    let recording = Recording(memory: 5 * Self.frameBytes)
    let (frames, rounds) = (Self.frames, 20)
    async let writing: Void = {
      for _ in 0..<rounds { for frame in frames { try recording.append(frame) } }
    }()
    var checked = 0
    while checked < 500 {
      let count = recording.count
      guard count > 0 else {
        await Task.yield()
        continue
      }
      let index = checked * 7919 % count
      let found = try recording.frame(at: index)
      #expect(found.x == frames[index % frames.count].x)
      checked += 1
    }
    try await writing
    #expect(recording.count == rounds * frames.count)
  }

  @Test("a frame from the file comes back in a moment")
  func quick() throws {
    let recording = Recording(memory: 0)
    for frame in Self.frames { try recording.append(frame) }
    let clock = ContinuousClock()
    let fastest = (0..<20).map { index in
      clock.measure { _ = try? recording.frame(at: index) }
    }.min()
    // Well under a millisecond on an idle machine; this one may be busy.
    #expect(fastest ?? .seconds(1) < .milliseconds(5))
  }
}

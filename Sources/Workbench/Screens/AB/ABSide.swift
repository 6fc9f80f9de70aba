import Diffusion
import TUI

/// One of the two sides: how its samples are drawn, and the trajectory that came of it.
struct ABSide {
  /// Whose weights are sampled.
  enum Weights: Hashable, Sendable {
    /// The averaged ones of the open run.
    case averaged
    /// Those of the open run as they are trained.
    case raw
    case run(RunFolder)
  }

  let slot: SampleSlot
  var sampling: SamplingConfiguration
  /// The schedule, or nil for the one that goes with the weights.
  var schedule: ScheduleConfiguration?
  var weights = Weights.averaged
  /// The request whose frames are taken; 0 before the first.
  private(set) var requestNumber = 0
  private(set) var recording = Recording()
  /// σ/α of all frames that the trajectory will have.
  private(set) var ratios: [Double] = []
  /// The training step of the sampled weights.
  private(set) var weightsStep = 0
  /// The schedule that the trajectory went along.
  private(set) var usedSchedule: ScheduleConfiguration?
  /// Why there is no trajectory.
  var problem: String?
  /// The frame in view.
  private(set) var frame: Frame?
  /// Where the points were in each frame, at the size of the data; empty for other data.
  private(set) var trails: [[ScatterPlot.Point]] = []
  /// Half the side of the square that holds the points of all frames.
  private(set) var reach = 0.0
  let noisyImages = SampleView.Images()
  let predictedImages = SampleView.Images()

  init(_ slot: SampleSlot, _ sampling: SamplingConfiguration) {
    self.slot = slot
    self.sampling = sampling
  }

  /// Waits for the frames of a request.
  mutating func begin(_ request: SamplingRequest) {
    requestNumber = request.number
    recording = Recording()
    (trails, reach, problem, frame) = ([], 0, nil, nil)
    weightsStep = request.model.step
    usedSchedule = request.schedule
    do {
      let steps = request.sampling.makeSteps(try request.schedule.make())
      ratios = steps.map(\.level.sigmaOverAlpha)
    } catch {
      (ratios, problem) = ([], "\(error)")
    }
  }

  mutating func add(_ frame: Frame, _ format: SampleFormat?) {
    do {
      try recording.append(frame)
    } catch {
      problem = "\(error)"
      return
    }
    guard format?.kind == .points else { return }
    let x = frame.scaledX
    trails.append(ScatterPlot.points(x))
    if frame.index == 0 { reach = SampleView.reach(of: x, format) }
  }

  /// Shows a frame, or the last there is before it.
  mutating func show(_ index: Int) {
    let last = recording.count - 1
    guard last >= 0 else {
      frame = nil
      return
    }
    do {
      frame = try recording.frame(at: min(index, last))
    } catch {
      problem = "\(error)"
    }
  }

  /// The frame before one, where samples are text: what it did not have yet is highlighted.
  func before(_ frame: Frame) -> Frame? {
    guard frame.isOfText, frame.index > 0, frame.index <= recording.count else { return nil }
    return try? recording.frame(at: frame.index - 1)
  }

  /// Some trails up to the frame in view, that of the selected point among them.
  func shownTrails(_ selected: Int) -> [[ScatterPlot.Point]] {
    guard let frame, !trails.isEmpty else { return [] }
    let stride = max(1, frame.shape.batch / 12)
    return (0..<frame.shape.batch).filter { $0 % stride == 0 || $0 == selected }.map { sample in
      trails.prefix(frame.index + 1).compactMap {
        $0.indices.contains(sample) ? $0[sample] : nil
      }
    }
  }
}

/// The weights of another run, read in the background.
struct OtherWeights: Sendable {
  let folder: RunFolder
  /// The averaged weights of its checkpoint.
  var model: Model?
  /// Why there are none.
  var problem: String?

  init(reading folder: RunFolder) {
    self.folder = folder
    do {
      model = try Model(contentsOf: folder.path)
    } catch {
      problem = "\(error)"
    }
  }
}

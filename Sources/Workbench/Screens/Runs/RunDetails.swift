import Diffusion
import TUI

/// A run's measurements, its recipe and its model, read in the background.
struct RunDetail: Sendable {
  var folder: RunFolder
  var history = RunHistory()
  var smoothedLosses: [Double] = []
  /// The recipe as it is after all changes; nil where it cannot be read.
  var recipe: Recipe?
  /// The averaged weights of its checkpoint; nil where there is none.
  var model: Model?
  /// Why something of it cannot be shown.
  var problem: String?

  init(folder: RunFolder) { self.folder = folder }

  init(reading folder: RunFolder) {
    self.init(folder: folder)
    do {
      history = RunHistory(try folder.history(upTo: .max))
      smoothedLosses = history.smoothedLosses(weight: 0.9)
      recipe = try folder.currentRecipe()
      if folder.hasCheckpoint { model = try Model(contentsOf: folder.path) }
    } catch {
      problem = "\(error)"
    }
  }
}

/// What is known of the runs that are shown: read one after the other, then sampled one after the
/// other, all from the same noise.
struct RunDetails: Sendable {
  /// The samples of a run as far as they are drawn.
  struct Samples: Sendable {
    var frame: Frame?
    /// Half the side of the square that holds its points from x_T on.
    var reach = 1.0
    /// Why there are none.
    var problem: String?
  }

  /// The runs that are shown, the first of which has the noise.
  private(set) var shown: [RunFolder] = []
  private var read: [RunFolder: RunDetail] = [:]
  private(set) var samples: [RunFolder: Samples] = [:]
  /// The run whose details are being read.
  private var reading: RunFolder?
  /// Whether that run has changed since, so that it is to be read again.
  private var isReadingStale = false
  /// The run whose samples are being drawn, and by which request.
  private var drawing: (folder: RunFolder, number: Int)?

  subscript(folder: RunFolder) -> RunDetail? { read[folder] }

  /// Half the side of the square in which a run's points are drawn, on the way the same; nil for that of the
  /// data, which what came out fills.
  func reach(of folder: RunFolder) -> Double? {
    guard let samples = samples[folder], let frame = samples.frame, !frame.isLast,
      read[folder]?.model?.format.kind == .points
    else { return nil }
    return samples.reach
  }

  /// Shows these runs; of others nothing is kept.
  mutating func show(_ folders: [RunFolder]) {
    guard folders != shown else { return }
    let noise = shown.first
    shown = folders
    read = read.filter { folders.contains($0.key) }
    samples = samples.filter { folders.contains($0.key) }
    // The samples of all are from the noise of the first.
    if noise != folders.first, folders.count > 1 || samples.count > 1 { samples = [:] }
    if let drawing, samples[drawing.folder] == nil { self.drawing = nil }
  }

  /// Forgets what was read of a run, which has changed.
  mutating func forget(_ folder: RunFolder) {
    read[folder] = nil
    samples[folder] = nil
    if reading == folder { isReadingStale = true }
    if drawing?.folder == folder { drawing = nil }
  }

  // MARK: Reading

  /// The run whose details are to be read next; nil while some are being read.
  var wanted: RunFolder? { reading == nil ? shown.first { read[$0] == nil } : nil }

  mutating func beginReading() -> RunFolder? {
    guard let wanted else { return nil }
    reading = wanted
    isReadingStale = false
    return wanted
  }

  mutating func take(_ detail: RunDetail) {
    reading = nil
    guard shown.contains(detail.folder), !isReadingStale else { return }
    read[detail.folder] = detail
    if let problem = detail.problem { samples[detail.folder] = Samples(problem: problem) }
  }

  // MARK: Sampling

  /// The model to be sampled next, and the run it is of; nil while one is being sampled, and while a run
  /// before it, which may have the noise, is not read.
  var unsampled: (folder: RunFolder, model: Model)? {
    guard drawing == nil else { return nil }
    for folder in shown.prefix(while: { read[$0] != nil }) where samples[folder] == nil {
      if let model = read[folder]?.model { return (folder, model) }
    }
    return nil
  }

  /// The models of the runs that are shown and have weights, in their order.
  var models: [Model] { shown.compactMap { read[$0]?.model } }

  /// Whether the samples of all begin with the same noise, which only samples of one shape can.
  var haveSameNoise: Bool {
    models.count > 1 && models.allSatisfy { $0.format.shape == models[0].format.shape }
  }

  mutating func beginSampling(_ folder: RunFolder, number: Int) {
    drawing = (folder, number)
    samples[folder] = Samples()
  }

  /// Takes in what the sampling of a run tells; returns whether it has ended.
  mutating func take(_ event: SamplingEvent) -> Bool {
    switch event {
    case .frame(let number, let frame):
      guard let folder = folder(number) else { return false }
      if frame.index == 0 {
        samples[folder]?.reach = SampleView.reach(of: frame.x, read[folder]?.model?.format)
      }
      samples[folder]?.frame = frame
      return false
    case .finished(let number):
      guard folder(number) != nil else { return false }
    case .failed(let number, let sentence):
      guard let folder = folder(number) else { return false }
      samples[folder]?.problem = sentence
    }
    drawing = nil
    return true
  }

  private func folder(_ number: Int) -> RunFolder? {
    drawing.flatMap { $0.number == number ? $0.folder : nil }
  }
}

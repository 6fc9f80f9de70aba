import Diffusion

/// What a comparison has measured so far; what its folder keeps, and what is printed as JSON.
struct ComparisonReport: Codable, Sendable {
  /// What is compared.
  var comparison: String
  /// Where the seconds were measured.
  var machine: Machine
  /// The data, and how many of its samples are held out.
  var data: String
  var heldOutSamples: Int
  /// The settings, as lines of the comparison's file.
  var settings: [String]
  /// The loss that entries are compared by: their validation losses where all have the same objective, schedule
  /// and weights, else the error of x̂_0.
  var lossName: String
  /// The loss that training time is measured to.
  var lossTarget: Double?
  /// The metric that entries are compared by, what made its features, and what real samples have; nil where
  /// quality is not measured.
  var quality: QualityNote?
  /// How well the entries and other methods denoise; nil where that was not requested.
  var denoising: [DenoisingComparison.Score]?
  /// The number of images that those are means over.
  var denoisedImages: Int?
  var entries: [Entry]

  /// What metrics of quality mean.
  struct QualityNote: Codable, Sendable {
    var metric: QualityMetric
    var features: String
    /// The samples of each entry, and the real ones they are compared with.
    var samples: Int
    var referenceSamples: Int
    /// What as many real, held-out samples have, where there are as many.
    var yardstick: Quality.Value?
    var yardstickSamples: Int
    /// The quality that sampling cost is measured to.
    var target: Double?
  }

  /// One of the things that are compared.
  struct Entry: Codable, Sendable {
    var name: String
    /// The network, the schedule, what is predicted, and how it is sampled.
    var network: String
    var parameters: Int
    var schedule: String
    var predicts: String
    var weights: String
    var sampler: String
    /// One a seed.
    var runs: [Run]
    /// Its summary, computed from all of the above.
    var summary: Summary?
  }

  /// A run of an entry.
  struct Run: Codable, Sendable {
    var folder: String
    var seed: UInt64
    var steps: Int
    /// Seconds of training.
    var seconds: Double
    /// The median time of a step.
    var secondsPerStep: Double?
    /// The step after which the loss or a gradient was not finite; nil where all were.
    var divergedAt: Int?
    /// The loss on held-out samples, by the run's own objective and the raw weights.
    var validation: [Point]
    /// What was measured of the checkpoints on the way, the last one at the end.
    var moments: [Moment]
    /// What was measured of the last one with other numbers of sampling steps, the fewest first.
    var sampling: [Sampling]
  }

  /// A loss after some training.
  struct Point: Codable, Sendable, Equatable {
    var step: Int
    var seconds: Double
    var loss: Double
  }

  /// What was measured of a checkpoint.
  struct Moment: Codable, Sendable {
    var step: Int
    var seconds: Double
    /// The mean squared error of x̂_0 on held-out samples at noise levels that all entries have.
    var error: Double
    /// How good its samples are, by the metric that entries are compared by; nil where they were not finite.
    var quality: Quality.Value?
    /// What all of it depends on; measured anew where that changes.
    var key: String
  }

  /// What samples in some number of steps cost.
  struct Sampling: Codable, Sendable {
    var steps: Int
    /// The number of network evaluations per sample.
    var evaluations: Int
    var secondsPerSample: Double
    /// By the metric that entries are compared by; nil where samples were not finite.
    var quality: Quality.Value?
    /// All measurements, where the steps are the entry's own; else empty.
    var measurements: [Quality.Measurement]
    /// What keeps these measurements from being trusted, in sentences.
    var warnings: [String]
    var key: String
  }

  /// A value with the ends of what is uncertain: over the seeds its least and greatest, of a single one those of
  /// its 95 % interval, where there is one.
  struct Spread: Codable, Sendable, Equatable {
    var value: Double
    var low: Double
    var high: Double
  }

  /// The summary of an entry.
  struct Summary: Codable, Sendable {
    var secondsPerStep: Spread?
    var validation: Spread?
    var error: Spread?
    /// Seconds of training to the target loss; nil where it was not reached.
    var secondsToLoss: Spread?
    /// By the entry's own sampler.
    var quality: Spread?
    /// The network evaluations and the seconds for a sample with which the target quality is
    /// reached; nil where it was not.
    var evaluations: Spread?
    var secondsPerSample: Spread?
  }
}

extension ComparisonReport {
  /// Reads the result of an earlier process; nil where there is none.
  init?(in folder: String) throws {
    let path = Self.path(in: folder)
    guard ResourceFolders.files(in: folder, ending: ".json").contains(Self.name) else { return nil }
    guard let result = try JSONLines.read(path, as: ComparisonReport.self).last else { return nil }
    self = result
  }

  private static let name = "comparison.json"

  static func path(in folder: String) -> String { "\(folder)/\(name)" }

  /// Replaces the file in the folder, as a whole or not at all.
  func write(in folder: String) throws {
    try AtomicFile.replace(Self.path(in: folder), with: Array("\(JSONLines.line(self))\n".utf8))
  }
}

extension ComparisonReport.Spread {
  /// The mean and the ends of some values; nil where there are none.
  init?(_ values: [Double]) {
    guard let low = values.min(), let high = values.max() else { return nil }
    self.init(value: values.reduce(0, +) / Double(values.count), low: low, high: high)
  }
}

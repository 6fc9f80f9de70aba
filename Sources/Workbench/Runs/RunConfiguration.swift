import Diffusion

/// Everything that describes a training run: what a recipe says, checked and with its defaults
/// filled in.
struct RunConfiguration: Sendable, Equatable {
  /// The recipe's name, such as "digits".
  var name: String
  /// The recipe with all overrides in place, as TOML; kept in the run's folder and checkpoints.
  var recipeText: String
  var data: DataConfiguration
  var network: NetworkConfiguration
  var schedule: ScheduleConfiguration
  var training: TrainingConfiguration
  var preview: PreviewConfiguration
  /// The run, file or folder whose weights it starts from, or nil.
  var parent: String?
}

/// What black and white become.
enum PictureRange: String, Sendable, CaseIterable {
  case symmetric = "-1..1"
  case unit = "0..1"

  var values: ClosedRange<Float> {
    switch self {
    case .symmetric: -1...1
    case .unit: 0...1
    }
  }
}

/// Which samples to learn.
struct DataConfiguration: Sendable, Hashable {
  /// A built-in set's name, a file's path, or ``none``.
  var source: String
  /// The labels to keep, or nil for all.
  var classes: [String]?
  /// What black and white of pictures become.
  var range = PictureRange.symmetric

  /// The source of a network that came trained and only makes samples.
  static let none = "none"
  var isNone: Bool { source == Self.none }
}

/// The samples that are drawn while training goes on, always from the same noise.
struct PreviewConfiguration: Sendable, Hashable {
  var sampling: SamplingConfiguration
  /// Training steps between previews.
  var interval: Int
}

import Diffusion

/// What a recipe file says, checked and with its defaults filled in.
///
/// It differs from a ``RunConfiguration`` only in that its length may be given in epochs, which
/// become steps when the data is known.
struct Recipe: Sendable, Equatable {
  /// What runs of it are called.
  var name: String
  var data: DataConfiguration
  var network: NetworkConfiguration
  var schedule: ScheduleConfiguration
  var parameterization: Parameterization
  var batchSize: Int
  var duration: TrainingDuration
  /// Where weights, batches and noise start.
  var seed: UInt64
  /// The largest gradient norm that is not scaled down, or nil.
  var gradientClip: Double?
  var average: EMA
  /// The part of the labels that becomes the null label.
  var labelDropout: Double
  var optimizer: Adam
  var learningRate: LearningRate
  var preview: PreviewConfiguration
}

extension Recipe {
  /// The recipe of that name, or in that file, with options from the command line.
  static func load(
    _ nameOrPath: String, overrides: [RecipeOverride] = []
  ) throws(RecipeError) -> Recipe {
    let path = try RecipeLibrary.find(nameOrPath)
    return try Recipe(
      RecipeLibrary.read(path), name: RecipeLibrary.name(ofFile: path), path: path,
      overrides: overrides)
  }

  /// The run that this describes; loads the data to turn epochs into steps.
  func configuration() throws -> RunConfiguration {
    switch duration {
    case .steps: configuration(sampleCount: 0)
    case .epochs: configuration(sampleCount: try data.load().count)
    }
  }

  /// The run that this describes, for a data set of so many samples.
  func configuration(sampleCount: Int) -> RunConfiguration {
    RunConfiguration(
      name: name, recipeText: text, data: data, network: network, schedule: schedule,
      training: TrainingConfiguration(
        batchSize: batchSize,
        steps: duration.steps(sampleCount: sampleCount, batchSize: batchSize),
        optimizer: optimizer, learningRate: learningRate, gradientClip: gradientClip,
        average: average, parameterization: parameterization, labelDropout: labelDropout, seed: seed
      ),
      preview: preview)
  }
}

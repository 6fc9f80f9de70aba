import Diffusion

/// What a comparison measures, and how long its entries are trained.
struct ComparisonSettings: Configurable {
  /// What is measured of each entry.
  enum Task: String, RecipeWord {
    case generate
    case denoise

    var meaning: String {
      switch self {
      case .generate: "draws samples and measures their quality"
      case .denoise: "removes noise from held-out images, beside methods that need no training"
      }
    }
  }

  /// How long an entry is trained.
  enum Budget: Sendable, Hashable {
    /// Steps of the optimiser.
    case steps(Int)
    /// Seconds of training, pauses and measurements left out.
    case seconds(Double)
  }

  var task = Task.generate
  var budget = Budget.seconds(60)
  /// How many times each entry is trained, each time from another seed.
  var seeds = 1
  /// The number of samples to evaluate.
  var samples = 500
  /// Where the noise of the samples starts.
  var seed: UInt64 = 0
  /// The numbers of sampling steps that are tried, to find the fewest that are good enough.
  var samplingSteps = [5, 10, 20, 50]
  /// The loss that training time is measured to; nil for the lowest that all entries reach.
  var loss: Double?
  /// The metric that entries are compared by; nil for the default of such samples.
  var metric: QualityMetric?
  /// The quality that sampling cost is measured to; nil for the best that all entries reach.
  var quality: Double?
  /// The noise levels σ/α of denoising.
  var noise = [0.1, 0.2, 0.5, 1.0]

  static let table: [Setting<Self>] = [
    .word(\.task, "task", "what is measured"),
    Setting(
      "seconds", .real(Interval(above: 0, upTo: 86_400), .linear(step: 10)),
      "seconds of training per entry, not counting measurements",
      get: { if case .seconds(let seconds) = $0.budget { .real(seconds) } else { nil } },
      set: {
        guard let seconds = $1.number, Interval(above: 0, upTo: 86_400).contains(seconds) else {
          return false
        }
        $0.budget = .seconds(seconds)
        return true
      }),
    Setting(
      "steps", .integer(1...1_000_000_000, step: 100),
      "optimiser steps per entry, instead of `seconds`",
      absent: "set by `seconds`",
      get: { if case .steps(let steps) = $0.budget { .integer(steps) } else { nil } },
      set: {
        guard case .integer(let steps) = $1, (1...1_000_000_000).contains(steps) else {
          return false
        }
        $0.budget = .steps(steps)
        return true
      }
    ).replaces("seconds"),
    .integer(
      \.seeds, "seeds", 1...100, "how many times each entry is trained, each time from another seed"
    ),
    .integer(
      \.samples, "samples", 16...100_000, step: 100, "number of samples to evaluate per entry"),
    .seed(\.seed, "seed of the sampling noise, the same for all entries"),
    .integers(
      \.samplingSteps, "sampling_steps", 1...1000, atMost: 12,
      "numbers of sampling steps to try with each entry"),
    .real(
      \.loss, "loss", Interval(above: 0, upTo: 1e6), absent: "the lowest that all entries reach",
      "the loss that training time is measured to"),
    Setting(
      "metric",
      .word(
        QualityMetric.allCases.filter { $0.better != .yardstick }.map {
          .init($0.rawValue, $0.title)
        }),
      "the metric that compares the quality of the entries' samples",
      absent: "frechet_distance, or sliced_wasserstein for points",
      get: { $0.metric.map { .text($0.rawValue) } },
      set: {
        guard case .text(let text) = $1, let metric = QualityMetric(rawValue: text),
          metric.better != .yardstick
        else { return false }
        $0.metric = metric
        return true
      }),
    .real(
      \.quality, "quality", Interval(-1e9...1e9), absent: "the best that all entries reach",
      "the value of `metric` that sampling cost is measured to"),
    .reals(
      \.noise, "noise", Interval(above: 0, upTo: 100), count: 1...12,
      "noise levels σ/α of `denoise`, in units of the data"),
  ]
}

/// What an entry of a comparison is, or what all of them begin with.
struct ComparisonEntrySettings: Configurable {
  /// Whose samples are drawn.
  enum Weights: String, RecipeWord {
    case averaged
    case raw

    var meaning: String {
      switch self {
      case .averaged: "the moving average of the weights"
      case .raw: "the weights as trained"
      }
    }
  }

  /// The name or path of a recipe, or a run's folder; empty where nothing says.
  var recipe = ""
  /// Values of the recipe that are replaced, as `--set` does.
  var overrides: [String] = []
  var weights = Weights.averaged

  static let table: [Setting<Self>] = [
    Setting(
      "recipe", .text("a recipe's name or file, or the folder of a run"),
      "the recipe, by name or path, or a run's folder", absent: "the one before the first section",
      get: { $0.recipe.isEmpty ? nil : .text($0.recipe) },
      set: {
        guard case .text(let recipe) = $1, !recipe.isEmpty else { return false }
        $0.recipe = recipe
        return true
      }),
    Setting(
      "set", .texts("a list of values to replace, such as [\"network.channels=48\"]"),
      "values to replace in the recipe, as with `--set`", absent: "none",
      get: { $0.overrides.isEmpty ? nil : .list($0.overrides.map { .text($0) }) },
      set: {
        guard case .list(let values) = $1 else { return false }
        let texts = values.compactMap { value -> String? in
          if case .text(let text) = value { text } else { nil }
        }
        guard texts.count == values.count else { return false }
        $0.overrides = texts
        return true
      }),
    .word(\.weights, "weights", "which weights to sample with"),
  ]
}

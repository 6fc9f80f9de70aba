/// How samples are judged while training goes on.
package struct EvaluationConfiguration: Configurable, RecipePart {
  /// What samples are judged by while training goes on.
  package enum Metric: String, RecipeWord {
    /// The kernel inception distance.
    case kid
    /// The Fréchet distance.
    case frechet
    /// The sliced Wasserstein distance of points.
    case slicedWasserstein = "sliced-wasserstein"

    package var meaning: String {
      switch self {
      case .kid: "the kernel inception distance; unbiased, even with few samples"
      case .frechet: "the Fréchet distance; needs many samples"
      case .slicedWasserstein: "for points only"
      }
    }
  }

  /// Training steps between evaluations, 0 for none.
  package var interval = 0
  /// The number of samples, of each of the two weights.
  package var count = 200
  /// What they are judged by.
  package var metric = Metric.kid
  /// The part of the processors' time that evaluations may take while training goes on.
  package var share = 0.05

  package init() {}

  package static let table: [Setting<Self>] = [
    .integer(
      \.interval, "interval", 0...1_000_000, step: 100,
      "minimum number of training steps between evaluations of samples; 0 for none"
    ).live.forText(false),
    .integer(
      \.count, "count", 24...10_000, step: 50,
      "samples to evaluate, drawn like previews, with the averaged and with the raw weights"
    ).label("samples").live.forText(false),
    .word(
      \.metric, "metric",
      "the metric that samples are evaluated by; it also decides best.safetensors"
    ).live.forText(false),
    .real(
      \.share, "share", Interval(0.005...1), by: .linear(step: 0.01),
      "fraction of the processors' time that evaluations may take during training"
    ).live.forText(false),
  ]
}

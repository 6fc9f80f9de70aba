import Diffusion

extension Recipe {
  /// The whole recipe as TOML, with every value that is in force; reading it gives this recipe.
  var text: String {
    var lines = ["name = \(RecipeValue.text(name).toml)"]
    func section(_ section: RecipeSection, _ pairs: [(String, RecipeValue)]) {
      lines.append("\n[\(section.rawValue)]")
      lines += pairs.map { "\($0) = \($1.toml)" }
    }

    let classes = data.classes.map { [("classes", RecipeValue.list($0.map { .text($0) }))] }
    section(
      .data,
      [("source", .text(data.source))] + (classes ?? []) + [("range", .text(data.range.rawValue))])
    section(.network, [("kind", .text(network.kind.rawValue))] + network.values)
    section(
      .schedule,
      [
        ("family", .text(schedule.family.rawValue)), ("timesteps", .integer(schedule.timesteps)),
      ]
        + schedule.family.parameters.map {
          ($0.key, .number(schedule[$0.key] ?? $0.defaultValue))
        })
    section(.objective, [("predict", .text(parameterization.rawValue))])
    section(
      .training,
      [
        ("batch", .integer(batchSize)), duration.value, ("seed", .integer(Int(clamping: seed))),
        ("gradient_clip", .number(gradientClip ?? 0)), ("ema", .number(average.decay)),
        ("label_dropout", .number(labelDropout)),
      ])
    section(
      .optimizer,
      [
        ("kind", .text(optimizer.kind.rawValue)), ("learning_rate", .number(learningRate.base)),
        ("warmup", .integer(learningRate.warmup)), ("decay", .text(learningRate.decay.rawValue)),
        ("beta1", .number(optimizer.beta1)), ("beta2", .number(optimizer.beta2)),
        ("epsilon", .number(optimizer.epsilon)), ("weight_decay", .number(optimizer.weightDecay)),
      ])
    let sampling = preview.sampling
    section(
      .preview,
      [
        ("sampler", .text(sampling.sampler.rawValue)), ("steps", .integer(sampling.steps)),
        ("eta", .number(sampling.eta)), ("count", .integer(sampling.count)),
        ("seed", .integer(Int(clamping: sampling.seed))), ("interval", .integer(preview.interval)),
        ("clip", .flag(sampling.clip)), ("spacing", .text(sampling.spacing.rawValue)),
        ("variance", .text(sampling.variance.rawValue)),
      ])
    return lines.joined(separator: "\n") + "\n"
  }
}

extension TrainingDuration {
  fileprivate var value: (String, RecipeValue) {
    switch self {
    case .steps(let steps): ("steps", .integer(steps))
    case .epochs(let epochs): ("epochs", .integer(epochs))
    }
  }
}

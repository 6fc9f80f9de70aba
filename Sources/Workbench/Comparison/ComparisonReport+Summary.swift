import Diffusion

extension ComparisonReport {
  /// A loss over time: whatever of a run can be compared with the other entries.
  static func curve(of run: Run, isValidation: Bool) -> [Point] {
    isValidation
      ? run.validation
      : run.moments.map { Point(step: $0.step, seconds: $0.seconds, loss: $0.error) }
  }

  /// Whether validation losses can be compared: where objectives, schedules and weights are alike.
  var comparesValidation: Bool { lossName == Self.validationName }

  static let validationName = "validation loss"
  static let errorName = "error of x̂_0"

  /// Computes the summary of each entry from the measurements; `loss` and `quality` are the targets, if
  /// given.
  mutating func summarize(loss asked: Double?, quality: Double?) {
    let isValidation = comparesValidation
    let curves = entries.map { $0.runs.map { Self.curve(of: $0, isValidation: isValidation) } }
    let reached = curves.joined().compactMap { $0.map(\.loss).filter(\.isFinite).min() }
    let target = asked ?? reached.max()
    lossTarget = target
    for index in entries.indices {
      let runs = entries[index].runs
      let times = target.map { target in curves[index].compactMap { Self.time(in: $0, to: target) }
      }
      entries[index].summary = Summary(
        secondsPerStep: Spread(runs.compactMap(\.secondsPerStep)),
        validation: Spread(runs.compactMap { $0.validation.last?.loss }),
        error: Spread(runs.compactMap { $0.moments.last?.error }.filter(\.isFinite)),
        secondsToLoss: times.flatMap { $0.count == runs.count ? Spread($0) : nil })
    }
    summarizeQuality(quality)
  }

  private mutating func summarizeQuality(_ asked: Double?) {
    guard let better = self.quality?.metric.better else { return }
    // Low values are good from here on.
    let sign = better == .higher ? -1.0 : 1
    let best = entries.map { entry in
      entry.runs.compactMap { $0.sampling.compactMap(\.quality).map { sign * $0.value }.min() }
        .max()
    }
    let target = asked.map { sign * $0 } ?? best.compactMap(\.self).max()
    self.quality?.target = target.map { sign * $0 }
    for index in entries.indices {
      let runs = entries[index].runs
      let own = runs.compactMap { $0.moments.last?.quality }
      if own.count == 1, let low = own[0].low, let high = own[0].high {
        entries[index].summary?.quality = Spread(value: own[0].value, low: low, high: high)
      } else {
        entries[index].summary?.quality = Spread(own.map(\.value))
      }
      guard let target else { continue }
      let enough = runs.compactMap { run in
        run.sampling.first { sampling in sampling.quality.map { sign * $0.value <= target } ?? false
        }
      }
      guard enough.count == runs.count else { continue }
      entries[index].summary?.evaluations = Spread(enough.map { Double($0.evaluations) })
      entries[index].summary?.secondsPerSample = Spread(enough.map(\.secondsPerSample))
    }
  }

  /// The seconds after which a curve is at a loss or below, between its points on a straight line; nil
  /// where it never is.
  static func time(in curve: [Point], to target: Double) -> Double? {
    guard let index = curve.firstIndex(where: { $0.loss <= target }) else { return nil }
    let next = curve[index]
    guard index > 0 else { return next.seconds }
    let before = curve[index - 1]
    let part = (before.loss - target) / (before.loss - next.loss)
    return before.seconds + part * (next.seconds - before.seconds)
  }
}

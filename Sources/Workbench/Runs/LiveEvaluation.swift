import Diffusion

/// When a run's weights are judged, what that cost, and which were the best.
///
/// It lives on the run's queue.
final class LiveEvaluation {
  private let run: EvaluationRun
  private var configuration: EvaluationConfiguration
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  /// Seconds of one processor that evaluations took in this process.
  private var cost = 0.0
  /// The step whose weights were judged last, or are being judged.
  private var lastStep: Int
  /// Whether weights are being judged, until ``complete(_:)`` or ``giveUp()``: their checkpoint waits
  /// meanwhile.
  private var isPending = false
  /// The best evaluation so far.
  private var best: QualityRecord?

  /// Begins to prepare what samples are compared with, unless the recipe wants no evaluations.
  ///
  /// `history` has what was judged before, and `post` is called on another queue.
  init?(
    _ recipe: Recipe, history: [StepRecord],
    post: @escaping @Sendable (EvaluationRun.Outcome) -> Void
  ) {
    guard recipe.evaluation.interval > 0 else { return nil }
    configuration = recipe.evaluation
    lastStep = history.last?.step ?? 0
    start = clock.now
    run = EvaluationRun(share: configuration.share, post: post)
    for record in history.compactMap(\.quality) where record.metric == configuration.metric.figure {
      if best.map({ !record.isComparable(to: $0) || record.isBetter(than: $0) }) ?? true {
        best = record
      }
    }
    run.prepare(recipe.data, for: configuration.metric.figure)
  }

  /// Takes over what acts on a run in progress.
  func apply(_ changed: EvaluationConfiguration) {
    configuration = changed
    run.setShare(changed.share)
  }

  /// Judges the weights after a step if that is due and nothing else is being judged; those of the last step
  /// always are.
  ///
  /// Where it does, their checkpoint should be kept until it is known how good they are.
  func judgeIfDue(_ session: RunTrainer, isLast: Bool = false) -> Bool {
    let step = session.trainer.step
    let isDue = step >= lastStep + configuration.interval || isLast && step > lastStep
    guard configuration.interval > 0, isDue, !isPending, run.isFree else { return false }
    lastStep = step
    isPending = true
    run.start(
      EvaluationRun.Request(
        step: step, averaged: session.model(), raw: session.rawModel(),
        configuration: configuration))
    return true
  }

  /// Takes in what was found: with what it cost, and whether it is the best.
  func complete(_ found: QualityRecord) -> QualityRecord {
    var record = found
    isPending = false
    cost += found.seconds
    let passed = (clock.now - start) / .seconds(1)
    record.costShare = cost / max(passed * Double(Parallel.threads), .leastNormalMagnitude)
    let isBest = best.map { !record.isComparable(to: $0) || record.isBetter(than: $0) } ?? true
    record.isBest = isBest
    if isBest { best = record }
    return record
  }

  /// Takes in that weights could not be judged.
  func giveUp() { isPending = false }

  /// Says whether training goes on, so that evaluations are to take little of the processors' time.
  func yields(_ yields: Bool) { run.yields(yields) }

  /// Ends what is in progress.
  func cancel() { run.cancel() }
}

import Diffusion
import Dispatch
import Synchronization

/// Draws samples from snapshots of a run's weights and judges them, on a queue of its own and one thread, a
/// little at a time, so that training keeps nearly all of the processors' time.
final class EvaluationRun: Sendable {
  /// The weights after a step.
  struct Request: Sendable {
    var step: Int
    var averaged: Model
    var raw: Model
    var configuration: EvaluationConfiguration
  }

  /// What it reports.
  enum Outcome: Sendable {
    case judged(step: Int, QualityRecord)
    case status(EvaluationStatus)
  }

  private struct State {
    /// Whether it can take a request: what is compared with is ready, and nothing else is in progress.
    var isFree = false
    var isCancelled = false
    var reference: QualityReference?
    var yardstick: (count: Int, metric: QualityMetric, value: QualityReference.Yardstick)?
  }

  private let queue = DispatchQueue(label: "evaluation", qos: .utility)
  private let state = Mutex(State())
  private let pace: Pace
  private let cache: FeatureCache?
  private let post: @Sendable (Outcome) -> Void

  /// `post` is called on the run's own queue.
  init(
    share: Double, cache: FeatureCache? = .standard, post: @escaping @Sendable (Outcome) -> Void
  ) {
    pace = Pace(rest: Pace.rest(forShare: share, of: Parallel.threads))
    self.cache = cache
    self.post = post
  }

  /// Samples that are drawn at a time: one thread is no faster with more, which would only take memory from the run.
  private static let batch = 16
  /// How often samples are drawn anew for an interval.
  private static let replicates = 100

  /// Gets what samples are compared with: a classifier is trained where none was kept.
  func prepare(_ data: DataConfiguration, for metric: QualityMetric) {
    queue.async { [self] in
      do {
        try Parallel.onThisThread { try prepareNow(data, for: metric) }
      } catch is Cancelled {
        return
      } catch {
        tell(.status(.problem("samples cannot be evaluated: \(error)")))
      }
    }
  }

  /// Whether a request would be taken.
  var isFree: Bool { state.withLock { $0.isFree } }

  /// Evaluates the weights of a request; ``isFree`` says whether it can.
  func start(_ request: Request) {
    state.withLock { $0.isFree = false }
    queue.async { [self] in
      do {
        let record = try Parallel.onThisThread { try judge(request) }
        state.withLock { $0.isFree = true }
        tell(.judged(step: request.step, record))
      } catch is Cancelled {
        return
      } catch {
        tell(.status(.problem("samples cannot be evaluated: \(error)")))
      }
    }
  }

  /// Ends what is in progress; nothing is reported after this.
  func cancel() {
    state.withLock { $0.isCancelled = true }
    pace.wake()
  }

  /// Says whether to rest most of the time.
  func yields(_ yields: Bool) { pace.yields(yields) }

  /// Changes the part of the processors' time that it may take.
  func setShare(_ share: Double) {
    pace.setRest(Pace.rest(forShare: share, of: Parallel.threads))
  }

  private struct Cancelled: Error {}

  private static func unsuitable(_ metric: QualityMetric) -> RunError {
    .failed("evaluation.metric is \(metric.title), which is for points; expected kid or frechet")
  }

  private func tell(_ outcome: Outcome) {
    // In the lock, so that nothing is reported after an end.
    state.withLock { if !$0.isCancelled { post(outcome) } }
  }

  // MARK: - Work

  /// The processor's time, measured piece by piece.
  private struct Meter {
    var total = 0.0
    private var start = Pace.processorTime

    /// The time since it was read last.
    mutating func read() -> Double {
      let now = Pace.processorTime
      defer { start = now }
      total += now - start
      return now - start
    }
  }

  /// Rests after a piece of work, and ends everything where nobody wants it any more.
  private func rest(_ meter: inout Meter) throws {
    pace.rest(after: meter.read())
    if state.withLock({ $0.isCancelled }) { throw Cancelled() }
  }

  private func prepareNow(_ data: DataConfiguration, for metric: QualityMetric) throws {
    tell(.status(.working("preparing features")))
    var meter = Meter()
    let found = try FeatureSource(of: data.wholeSet(), by: .own, cache: cache) { step, total in
      try rest(&meter)
      if step.step.isMultiple(of: 10) {
        tell(.status(.working("training the feature classifier: \(100 * step.step / total) %")))
      }
    }
    let isTrained = if case .classifier = found.extractor { true } else { false }
    let real = try RealData(data, withClassifier: isTrained)
    let reference = QualityReference(real, found.extractor)
    guard reference.metrics.contains(metric) else { throw Self.unsuitable(metric) }
    try rest(&meter)
    state.withLock { ($0.reference, $0.isFree) = (reference, true) }
    tell(.status(.waiting))
  }

  private func judge(_ request: Request) throws -> QualityRecord {
    guard let reference = state.withLock({ $0.reference }) else { throw Cancelled() }
    var meter = Meter()
    let metric = request.configuration.metric.figure
    let averaged = try value(of: request.averaged, "averaged", request, reference, &meter)
    let raw = try value(of: request.raw, "raw", request, reference, &meter)
    let yardstick = yardstick(request.configuration.count, metric, reference)
    try rest(&meter)
    return QualityRecord(
      metric: metric, features: reference.extractor.label, averaged: averaged, raw: raw,
      heldOut: yardstick[metric]?.value ?? .nan, count: request.configuration.count,
      seconds: meter.total)
  }

  /// The value of samples by one of the weights.
  private func value(
    of model: Model, _ weights: String, _ request: Request, _ reference: QualityReference,
    _ meter: inout Meter
  ) throws -> Quality.Value {
    let count = request.configuration.count
    var meterNow = meter
    defer { meter = meterNow }
    var drawing = SampleDrawing(model.sampling, count: count)
    drawing.batch = Self.batch
    let samples = try drawing.draw(
      name: "the samples at step \(request.step)", model.format,
      by: { try model.trajectory($0) },
      progress: { done in
        try rest(&meterNow)
        let part = "\(Int(done)) of \(count) samples with \(weights) weights"
        tell(.status(.working("step \(request.step): \(part)")))
        return true
      })
    guard let samples else { throw Cancelled() }
    let metric = request.configuration.metric.figure
    let quality = try reference.quality(
      of: samples, yardstick: yardstick(count, metric, reference), metrics: [metric],
      replicates: Self.replicates)
    guard let measurement = quality[metric] else { throw Self.unsuitable(metric) }
    return measurement.samples
  }

  /// The value of as many yardstick samples, computed once.
  private func yardstick(
    _ count: Int, _ metric: QualityMetric, _ reference: QualityReference
  ) -> QualityReference.Yardstick {
    if let kept = state.withLock({ $0.yardstick }), kept.count == count, kept.metric == metric {
      return kept.value
    }
    let value = reference.yardstick(count: count, metrics: [metric], replicates: 0)
    state.withLock { $0.yardstick = (count, metric, value) }
    return value
  }
}

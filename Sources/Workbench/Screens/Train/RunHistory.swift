import Diffusion

/// What the training screen remembers of a run: bounded, however long it goes on.
struct RunHistory: Sendable, Equatable {
  /// Some neighbouring steps: one at first, more as the run grows longer.
  struct Point: Sendable, Equatable {
    var step: Int
    var seconds: Double
    /// The mean of the losses.
    var loss: Double
    var lowestLoss: Double
    var highestLoss: Double
    var gradientNorm: Double
    var learningRate: Double
  }

  /// A change or a save that the charts mark.
  struct Mark: Sendable, Equatable {
    var step: Int
    var label: String
  }

  /// How good samples of the weights after a step were.
  struct QualityPoint: Sendable, Equatable {
    var step: Int
    /// Seconds of training up to the step.
    var seconds: Double
    var record: QualityRecord
  }

  /// The mean losses by noise level over the steps up to one.
  struct LevelPoint: Sendable, Equatable {
    var step: Int
    /// From t = 0 up; NaN where there was no sample.
    var losses: [Double]

    /// The noise level with the highest loss.
    var hardest: Int? {
      losses.indices.filter { losses[$0].isFinite }.max { losses[$0] < losses[$1] }
    }
  }

  private(set) var points: [Point] = []
  /// The losses by noise level, now and then.
  private(set) var levels: [LevelPoint] = []
  private(set) var marks: [Mark] = []
  /// The loss on samples that are not trained on, where it was measured; a point is one measurement.
  private(set) var validation: [Point] = []
  /// How good samples were, where they were judged.
  private(set) var quality: [QualityPoint] = []
  /// Steps that the next point will stand for.
  private(set) var stepsPerPoint = 1
  private var unfinished: Point?
  private var unfinishedCount = 0

  /// Points beyond which neighbours are joined in pairs.
  private static let capacity = 8192

  /// The newest step, or nil before the first.
  private(set) var last: StepRecord?
  /// A smoothed time of a step in seconds, for throughput.
  private(set) var smoothedDuration: Double?
  /// How long steps took lately, for the time left.
  private var pace = StepPace()
  /// Steps seen by this process; an ETA needs some.
  private(set) var stepsSeen = 0

  /// The records of a run that have a loss.
  init(_ records: [StepRecord] = []) {
    for record in records where record.loss != nil { add(record) }
  }

  /// Adds a step that was just taken.
  mutating func add(_ report: StepReport) {
    stepsSeen += 1
    pace.add(report.duration)
    smoothedDuration = smoothedDuration.map { 0.9 * $0 + 0.1 * report.duration } ?? report.duration
    add(StepRecord(report))
  }

  /// Adds a step, taken now or by an earlier process.
  mutating func add(_ record: StepRecord) {
    if let quality = record.quality { return add(quality, atStep: record.step) }
    last = record
    if let losses = record.levels { addLevels(losses.map { $0 ?? .nan }, atStep: record.step) }
    if let loss = record.validation { addValidation(Point(record, loss: loss)) }
    join(Point(record, loss: record.loss ?? .nan))
    guard unfinishedCount == stepsPerPoint, let finished = unfinished else { return }
    points.append(finished)
    unfinished = nil
    unfinishedCount = 0
    if points.count == Self.capacity { halve() }
  }

  /// Adds what was found about the samples of an earlier step; figures of another kind begin anew.
  mutating func add(_ record: QualityRecord, atStep step: Int) {
    if let last = quality.last, !record.isComparable(to: last.record) { quality = [] }
    let place = points.last { $0.step <= step }
    quality.append(
      QualityPoint(step: step, seconds: place?.seconds ?? last?.seconds ?? 0, record: record))
  }

  mutating func mark(_ label: String, atStep step: Int) {
    marks.append(Mark(step: step, label: label))
  }

  /// Every other measurement goes where there are too many.
  private mutating func addValidation(_ point: Point) {
    if validation.count == Self.capacity {
      validation = stride(from: 1, to: validation.count, by: 2).map { validation[$0] }
    }
    validation.append(point)
  }

  private static let levelCapacity = 1024

  /// Neighbours are joined where there are too many.
  private mutating func addLevels(_ losses: [Double], atStep step: Int) {
    levels.append(LevelPoint(step: step, losses: losses))
    guard levels.count == Self.levelCapacity else { return }
    levels = stride(from: 0, to: levels.count, by: 2).map {
      let (one, other) = (levels[$0], levels[$0 + 1])
      return LevelPoint(
        step: other.step,
        losses: zip(one.losses, other.losses).map { $0.isNaN ? $1 : $1.isNaN ? $0 : ($0 + $1) / 2 })
    }
  }

  private mutating func join(_ point: Point) {
    unfinished = unfinished.map { $0.joined(point, weight: unfinishedCount) } ?? point
    unfinishedCount += 1
  }

  private mutating func halve() {
    points = stride(from: 0, to: points.count, by: 2).map {
      points[$0].joined(points[$0 + 1], weight: 1)
    }
    stepsPerPoint *= 2
  }

  /// Smoothed losses, one a point: an exponential average whose start does not lean to zero.
  ///
  /// `weight`, 0 to below 1, is that of what came before, a step.
  func smoothedLosses(weight: Double) -> [Double] {
    var sum = 0.0
    var total = 0.0
    var factor = 1.0
    for _ in 0..<stepsPerPoint { factor *= weight }
    return points.map { point in
      guard point.loss.isFinite else { return .nan }
      sum = sum * factor + point.loss * (1 - factor)
      total = total * factor + (1 - factor)
      return total > 0 ? sum / total : point.loss
    }
  }

  /// Seconds until the last step, or nil while that would be a guess; `limit` is how many steps a
  /// second training is held back to.
  func secondsLeft(lastStep: Int, limit: Double? = nil) -> Double? {
    guard let last, stepsSeen >= 10, (last.seconds ?? 0) >= 10 || limit != nil,
      let duration = pace.secondsPerStep ?? smoothedDuration
    else { return nil }
    return Double(lastStep - last.step) * max(duration, limit.map { 1 / $0 } ?? 0)
  }
}

extension RunHistory.Point {
  fileprivate init(_ record: StepRecord, loss: Double) {
    self.init(
      step: record.step, seconds: record.seconds ?? 0, loss: loss, lowestLoss: loss,
      highestLoss: loss, gradientNorm: record.gradientNorm ?? .nan,
      learningRate: record.learningRate ?? .nan)
  }

  /// This point, which stands for `weight` others, and one more.
  fileprivate func joined(_ other: Self, weight: Int) -> Self {
    let share = 1 / Double(weight + 1)
    return Self(
      step: other.step, seconds: other.seconds, loss: loss + (other.loss - loss) * share,
      lowestLoss: min(lowestLoss, other.lowestLoss),
      highestLoss: max(highestLoss, other.highestLoss),
      gradientNorm: gradientNorm + (other.gradientNorm - gradientNorm) * share,
      learningRate: other.learningRate)
  }
}

import Diffusion

/// The variational bound of some samples by the weights of a step, measured piece by piece, so that it can be watched
/// and given up.
struct BoundMeasurement: Sendable {
  /// The session whose weights they are.
  let session: Int
  /// The training step of the weights.
  let step: Int
  /// Whether the samples were held out from training.
  let isHeldOut: Bool
  /// How many samples there are.
  let count: Int
  /// What is known of the bound.
  var bound: VariationalBound
  private let model: Model
  private let schedule: Schedule
  private let samples: [Float]
  private let condition: Condition

  /// Samples that are measured: a validation batch.
  private static let count = 16
  /// Into how many pieces the timesteps are cut.
  private static let pieces = 25

  /// A measurement before its first term.
  ///
  /// - Throws: ``BoundProblem`` where there is none.
  init(of model: Model, session: Int) throws(BoundProblem) {
    guard let data = model.heldOut ?? model.dataset else {
      throw BoundProblem("there is no data whose bits could be counted")
    }
    guard let schedule = try? model.schedule.make() else {
      throw BoundProblem("the schedule cannot be made")
    }
    if let problem = VariationalBound.problem(with: schedule, model.format) {
      throw BoundProblem(problem)
    }
    (self.session, self.model, self.schedule) = (session, model, schedule)
    step = model.step
    isHeldOut = model.heldOut != nil
    count = min(Self.count, data.count)
    // Evenly spaced, so that a set that is sorted by class gives all of them.
    let indices = (0..<count).map { $0 * data.count / min(Self.count, data.count) }
    let x0 = Tensor(data.shape.with(batch: count))
    data.fill(x0, indices: indices)
    samples = x0.values
    condition = model.network.condition(on: x0, labels: indices.compactMap { data.labels?[$0] })
    bound = VariationalBound(of: x0, along: schedule)
  }

  /// Whether all terms are known.
  var isComplete: Bool { bound.missing == 0 }

  /// The part of the terms that is known, 0 to 1.
  var progress: Double { 1 - Double(bound.missing) / Double(bound.terms.count) }

  /// The same with some terms more; whoever calls it waits for the network.
  func advanced() -> BoundMeasurement {
    var result = self
    let x0 = Tensor(model.format.shape.with(batch: count), samples)
    // Each piece has noise of its own, always the same.
    var noise = NoiseSource(seed: UInt64(bound.missing), samples: 0..<count)
    result.bound.addTerms(
      (bound.terms.count + Self.pieces - 1) / Self.pieces, of: x0, by: model.denoiser(),
      condition: condition, along: schedule,
      variance: model.network.learnsVariance ? .learnedRange : .fixedSmall, noise: &noise)
    return result
  }

  /// What it is measured on, in words.
  var subject: String { "\(count) \(isHeldOut ? "held-out" : "training") samples" }

  /// The first timesteps that have half of the bits, as a range.
  var half: ClosedRange<Int> {
    var sum = 0.0
    let enough = bound.terms.reduce(0, +) / 2
    for (t, bits) in bound.terms.enumerated() {
      sum += bits
      if sum >= enough { return 0...t }
    }
    return 0...max(bound.terms.count - 1, 0)
  }
}

/// Why there is no bound, as the sentence the user reads.
struct BoundProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// What a measurement on its way reports.
enum BoundReport: Sendable {
  case measured(BoundMeasurement)
  case problem(session: Int, String)
}

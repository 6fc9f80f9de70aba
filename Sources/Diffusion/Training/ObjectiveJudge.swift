/// What one batch gave.
struct Judged {
  /// The noise level of each sample.
  let steps: [NoiseStep]
  /// Each sample's loss.
  let losses: [Double]
  /// The losses as they count in the mean.
  let counted: [Double]
}

/// An objective with its state, both type-erased.
protocol Judge: AnyObject {
  func judge(
    _ batch: Batch, along schedule: Schedule, using random: inout Random,
    completing: (inout Query, inout Random) -> Void, evaluate: (Query) -> Tensor,
    answer: (Query) -> Tensor
  ) -> (Judged, gradient: Tensor)
  func observe(_ judged: Judged, along schedule: Schedule)
  func encodedState() -> [UInt8]
  func restore(_ state: [UInt8]) throws
}

func makeJudge(_ objective: some Objective) -> any Judge { ObjectiveJudge(objective) }

final class ObjectiveJudge<O: Objective>: Judge {
  private let objective: O
  private var state: O.State

  init(_ objective: O) {
    self.objective = objective
    state = objective.begin()
  }

  func judge(
    _ batch: Batch, along schedule: Schedule, using random: inout Random,
    completing: (inout Query, inout Random) -> Void, evaluate: (Query) -> Tensor,
    answer: (Query) -> Tensor
  ) -> (Judged, gradient: Tensor) {
    var (query, truth) = objective.corrupt(
      batch, along: schedule, state, using: &random, evaluate: evaluate)
    completing(&query, &random)
    let output = answer(query)
    let gradient = batch.makeTensor(output.shape)
    let losses = objective.loss(output, truth, gradient: gradient)
    let shares = objective.shares(truth)
    let counted = shares.isEmpty ? losses : zip(losses, shares).map { $0 * $1 }
    return (Judged(steps: query.steps, losses: losses, counted: counted), gradient)
  }

  func observe(_ judged: Judged, along schedule: Schedule) {
    objective.observe(judged.losses, at: judged.steps, along: schedule, &state)
  }

  func encodedState() -> [UInt8] { ObjectiveState.encode(state) }

  func restore(_ bytes: [UInt8]) throws { state = try ObjectiveState.decode(bytes) }
}

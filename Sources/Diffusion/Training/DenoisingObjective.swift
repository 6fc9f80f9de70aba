internal import CKernels

/// Gaussian noise at uniformly drawn timesteps, and the mean squared error of what is predicted.
///
/// Source: Ho et al. 2020, Algorithm 1 and equation 14, <https://arxiv.org/abs/2006.11239>.
public struct DenoisingObjective: Objective {
  public static let name = "denoising"
  public static let meaning = "the mean squared error at uniformly drawn timesteps"

  /// What a batch is judged against: the target, (B, H, W, C).
  public struct Truth {
    let target: Tensor
  }

  public var parameterization = Parameterization.epsilon

  public init() {}

  /// The objective of a network that predicts this.
  public init(predict parameterization: Parameterization) {
    self.parameterization = parameterization
  }

  public static let table: [Setting<Self>] = [
    .word(\.parameterization, "predict", "what the network answers")
  ]

  public func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: NoState, using random: inout Random,
    ask: (Query) -> Tensor
  ) -> (Query, Truth) {
    let timesteps = random.integers(below: schedule.count, count: batch.x0.shape.batch)
    let (epsilon, x, target) = (batch.makeTensor(), batch.makeTensor(), batch.makeTensor())
    random.fillNormal(epsilon)
    let levels = timesteps.map { schedule[$0] }
    // x_t = α·x_0 + σ·ε
    x.assignNoisy(x0: batch.x0, epsilon: epsilon, levels: levels)
    parameterization.target(x0: batch.x0, epsilon: epsilon, levels: levels, into: target)
    let query = Query(
      x, steps: timesteps.map { schedule.step(at: $0) }, condition: batch.condition)
    return (query, Truth(target: target))
  }

  public func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    let size = output.shape.sampleCount
    return withExtendedLifetime((output, truth, gradient)) {
      (0..<output.shape.batch).map { sample in
        let start = sample * size
        return ck_mse(
          gradient.pointer + start, output.pointer + start, truth.target.pointer + start,
          2 / Float(output.count), size) / Double(size)
      }
    }
  }
}

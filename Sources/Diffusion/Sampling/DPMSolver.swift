internal import Platform

/// DPM-Solver++ of order 2, multistep: one prediction per step, and the one before it for the curvature.
///
/// With λ = ln(α/σ): x_p = (σ_p/σ_t)·x − α_p·(e^{−h} − 1)·D, h = λ_p − λ_t, where D is x̂_0
/// extrapolated to the middle of the step. The first step and the one to the clean end are of order
/// 1.
///
/// Source: Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, algorithm 2, and its variant that
/// DPMSolverMultistepScheduler of diffusers calls `heun`.
public struct DPMSolver: DiffusersSampler {
  public static let name = "dpm++2m"
  public static let title = "DPM-Solver++ 2M"
  public static let meaning =
    "Second-order multistep solver of the probability-flow ODE; one evaluation per step, good in 10 to 20 steps."

  package static let scheduler: DiffusersScheduler? = .dpmSolver(
    orders: 1...2, algorithm: "dpmsolver++",
    [
      .choice(
        "solver_type", "solver",
        [("midpoint", .text("midpoint")), ("heun", .text("heun"))], standard: "midpoint")
    ])

  /// How the change of x̂_0 counts.
  package enum Slope: String, RecipeWord {
    /// As at the middle of the step.
    case midpoint
    /// As it grows along the step.
    case heun

    package var meaning: String {
      switch self {
      case .midpoint: "x̂_0 at the middle of the step"
      case .heun: "x̂_0 as it changes along the step"
      }
    }
  }

  public var steps: Int
  /// 2, or 1 for DDIM's steps.
  public var order = 2
  /// How the change of x̂_0 counts.
  package var slope = Slope.midpoint
  /// Whether, in fewer than 15 steps, the last one is of order 1 wherever it ends.
  package var lowersFinalOrder = true

  public init() { self.init(steps: 20) }

  /// The sampler with this number of steps.
  public init(steps: Int) { self.steps = steps }

  public static let table: [Setting<Self>] = [
    .steps, .order(\.order, 1...2),
    .word(\.slope, "solver", "how the change in the predicted x_0 is approximated"),
    .lowersFinalOrder(\.lowersFinalOrder),
  ]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let h = p.lambda - t.lambda
    // −α_p·(e^{−h} − 1), which is α_p at the clean end.
    let gain = -p.alpha * expm1(-h)
    let (before, answers) = (history.levels.first, history.tensors.first)
    (history.tensors, history.levels) = ([first.x0.values], [t])
    x.assign(Float(p.sigma / t.sigma), x, plus: Float(gain), first.x0)
    guard order > 1, let before, let answer = answers, p.sigma > 0,
      !(lowersFinalOrder && move.isLastOfFew)
    else { return }
    // (x̂_0 − x̂′_0)·h/h′, h′ the step before; none of it where that came from pure noise.
    let ratio = h / (t.lambda - before.lambda)
    let weight = (slope == .midpoint ? gain / 2 : p.alpha * (expm1(-h) / h + 1)) * ratio
    guard weight != 0 else { return }
    x.assign(1, x, plus: Float(weight), first.x0)
    x.assign(1, x, plus: Float(-weight), Tensor(x.shape, answer))
  }
}

extension Transition {
  /// Whether it ends a trajectory of fewer than 15 steps, where DPM-Solver++ is careful.
  var isLastOfFew: Bool { number == count && count < 15 }
}

extension Setting where Root: Sampler {
  /// The order of a solver.
  static func order(
    _ path: any WritableKeyPath<Root, Int> & Sendable, _ orders: ClosedRange<Int>
  ) -> Self {
    .integer(
      path, "order", orders, "order of the solver; the first steps use lower orders")
  }

  /// Whether the last steps are of lower order.
  static func lowersFinalOrder(_ path: any WritableKeyPath<Root, Bool> & Sendable) -> Self {
    .flag(
      path, "lower_order_final",
      "lower the order in the last steps of short trajectories, for stability"
    ).label("lower order")
  }
}

// A sampler of your own, compared with the library's DDIM on a problem with a known solution: for
// normally distributed data, both the denoiser and the end of every trajectory are formulas.
//
//     swift run -c release CustomSampler [MOST STEPS]

import Diffusion

/// The two-step method of Adams and Bashforth along the probability-flow ODE.
///
/// With y = x/α and r = σ/α the trajectory is dy/dr = ε̂. A step follows the slope here, corrected by how
/// much it changed over the step before, so that its error falls with the square of the step.
///
/// Source: the linear multistep methods of Liu et al. 2022, <https://arxiv.org/abs/2202.09778>,
/// with two slopes and for steps of any length; for schedules that keep some signal at every level.
struct AdamsBashforth: Sampler {
  static let name = "adams-bashforth"
  static let title = "Adams–Bashforth 2"
  static let meaning =
    "Second-order multistep solver of the probability-flow ODE; one evaluation per step."

  var steps = 20

  static let table: [Setting<Self>] = [.steps]

  func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let change = p.sigmaOverAlpha - t.sigmaOverAlpha
    var (now, before) = (1.0, 0.0)  // the weights of the two slopes
    var slope = first.epsilon
    if let last = history.tensors.first {
      before = -change / (t.sigmaOverAlpha - history.levels[0].sigmaOverAlpha) / 2
      now = 1 - before
      slope = first.epsilon.copy()
      slope.assign(Float(now), slope, plus: Float(before), Tensor(x.shape, last))
    }
    history.tensors = [first.epsilon.values]
    history.levels = [t]
    // y_p = y + (r_p − r)·slope
    x.assign(Float(p.alpha / t.alpha), x, plus: Float(p.alpha * change), slope)
  }
}

/// The ideal denoiser of data from N(0, s²).
struct NormalDenoiser: Denoiser {
  let s = 0.5

  func predict(_ query: Query) -> Prediction {
    let (alpha, sigma) = (query.steps[0].level.alpha, query.steps[0].level.sigma)
    let variance = alpha * alpha * s * s + sigma * sigma
    let (x0, epsilon) = (query.x.copy(), query.x.copy())
    x0.assign(Float(alpha * s * s / variance), query.x, plus: 0, query.x)
    epsilon.assign(Float(sigma / variance), query.x, plus: 0, query.x)
    return Prediction(x0: x0, epsilon: epsilon)
  }
}

/// How far a sampler's trajectory ends from the exact one, as a root mean square.
func error(of sampler: any Sampler) -> Double {
  let path = Array(
    Trajectory(
      SamplingConfiguration(sampler, count: 64), schedule: Schedule.logLinear(),
      sample: Shape(1, 1, 1, 2), dataRange: -2...2, denoiser: NormalDenoiser()))
  // The exact trajectory keeps x/√(α²s² + σ²); at its end α = 1 and σ = 0.
  let (s, start) = (NormalDenoiser().s, path[0].level)
  let scale = s / (start.alpha * start.alpha * s * s + start.sigma * start.sigma).squareRoot()
  let squares = zip(path[0].x, path[path.count - 1].x).map { start, end in
    let distance = Double(end) - scale * Double(start)
    return distance * distance
  }
  return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
}

let most = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 80
for steps in [5, 10, 20, 40, 80] where steps <= most {
  var mine = AdamsBashforth()
  mine.steps = steps
  print("\(steps) steps: DDIM \(error(of: DDIM(steps: steps))), mine \(error(of: mine))")
}

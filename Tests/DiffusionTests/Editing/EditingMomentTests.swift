import Foundation
import Testing

@testable import Diffusion

/// With correlated normal data and its exact denoiser every step of these algorithms is linear, so the mean and the
/// covariance of what they produce are known: the algorithm's own, not those of the posterior.
@Suite("What inpainting and posterior sampling produce on normal data")
struct EditingMomentTests {
  static let data = CorrelatedGaussian(
    mean: [0.2, -0.1, 0.3, 0],
    covariance: DenseMatrix(
      4, 4,
      [
        0.30, 0.20, 0.12, 0.05,
        0.20, 0.35, 0.16, 0.10,
        0.12, 0.16, 0.28, 0.18,
        0.05, 0.10, 0.18, 0.25,
      ]))
  static let shape = Shape(1, 2, 2, 1)
  static let count = Bars.areFull ? 10_000 : 2000
  static let schedule = Schedule.linear()
  static let known = [true, false, false, true]
  static let values = [0.9, 0, 0, -0.6]

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let sampler: any Sampler
    var repaint = RePaint(resamplings: 1)
    var testDescription: String { name }
  }

  /// x_p = M·x + c + s·z of DDPM, or of DDIM without noise, as the papers have it.
  private static func step(
    _ move: Transition, _ sampler: any Sampler
  ) -> (matrix: DenseMatrix, offset: [Double], variance: Double) {
    let (t, p) = (move.from.level, move.to.level)
    let (gain, offset) = data.coefficients(at: t)
    let one = DenseMatrix.diagonal([1, 1, 1, 1])
    guard sampler is DDPM else {
      // x_p = α_p·x̂_0 + σ_p·(x − α·x̂_0)/σ
      let kept = p.sigma / t.sigma
      let part = p.alpha - t.alpha * kept
      return (one.combined(kept, plus: part, gain), offset.map { part * $0 }, 0)
    }
    // Ho et al. 2020, equation 7, with ᾱ = α².
    let alpha = t.alpha / p.alpha
    let beta = 1 - alpha * alpha
    let x = alpha * (1 - p.alpha * p.alpha) / (1 - t.alpha * t.alpha)
    let x0 = p.alpha * beta / (1 - t.alpha * t.alpha)
    let variance = beta * (1 - p.alpha * p.alpha) / (1 - t.alpha * t.alpha)
    return (one.combined(x, plus: x0, gain), offset.map { x0 * $0 }, variance)
  }

  private static func start() -> Moments {
    Moments(mean: [0, 0, 0, 0], covariance: .diagonal([1, 1, 1, 1]))
  }

  /// What replacement with jumps produces, exactly.
  private static func filled(_ it: Case, steps: Int) -> Moments {
    let moves = Transition.moves(along: schedule.steps(steps))
    var moments = start()
    var previous = steps
    for time in it.repaint.times(steps: steps) {
      let place = steps - 1 - time
      if time < previous {
        let step = step(moves[place], it.sampler)
        moments.move(step.matrix, plus: step.offset, variance: step.variance)
        let level = moves[place].to.level
        moments.replace(
          known, by: values.map { level.alpha * $0 }, variance: level.sigma * level.sigma)
      } else {
        let (low, high) = (moves[place + 1].to.level, moves[place + 1].from.level)
        let alpha = high.alpha / low.alpha
        moments.move(
          .diagonal([alpha, alpha, alpha, alpha]), plus: [0, 0, 0, 0], variance: 1 - alpha * alpha)
      }
      previous = time
    }
    return moments
  }

  private static func samples(_ task: EditTask, _ sampler: any Sampler, _ given: [Float]) throws
    -> [Float]
  {
    let editor = try Editor(
      data, SampleFormat(kind: .image, shape: shape, range: -1...1),
      SamplingConfiguration(sampler, seed: 9), along: schedule)
    return try editor.trajectory(task, of: Array(repeating: given, count: count)).finish().x
  }

  private static func check(_ name: String, _ moments: Moments, _ samples: [Float]) {
    let deviation = moments.deviation(of: samples)
    #expect(deviation < 3, "\(name)")
    Bars.report(
      "\(name) | largest deviation \(text(deviation)) standard errors of \(count) samples, expected below 3"
    )
  }

  private static func text(_ value: Double) -> String { String(format: "%.3f", value) }

  @Test(
    "replacement and RePaint",
    arguments: [
      Case(name: "replacement, DDPM", sampler: DDPM(steps: 30)),
      Case(name: "replacement, DDIM", sampler: DDIM(steps: 30)),
      Case(
        name: "RePaint, DDPM", sampler: DDPM(steps: 30),
        repaint: RePaint(jumpLength: 5, resamplings: 4)),
      Case(
        name: "RePaint, DDIM", sampler: DDIM(steps: 30),
        repaint: RePaint(jumpLength: 5, resamplings: 4)),
    ])
  func filling(_ it: Case) throws {
    let samples = try Self.samples(
      .fill(known: Self.known, it.repaint), it.sampler, Self.values.map { Float($0) })
    Self.check(it.name, Self.filled(it, steps: 30), samples)
  }

  /// What posterior sampling with ζ·∇‖y − A·x̂_0‖² produces, exactly.
  private static func recovered(
    _ sampler: any Sampler, _ zeta: Double, _ matrix: DenseMatrix, _ measured: [Double], steps: Int
  ) -> Moments {
    var moments = start()
    for move in Transition.moves(along: schedule.steps(steps)) {
      let step = step(move, sampler)
      let (gain, offset) = data.coefficients(at: move.from.level)
      // The gradient is 2·Kᵀ·Aᵀ·(A·(K·x + k) − y).
      let back = gain.transposed.times(matrix.transposed)
      let missing = zip(matrix.applied(to: offset), measured).map { $0 - $1 }
      let pull = back.applied(to: missing)
      moments.move(
        step.matrix.combined(1, plus: -2 * zeta, back.times(matrix).times(gain)),
        plus: zip(step.offset, pull).map { $0 - 2 * zeta * $1 }, variance: step.variance)
    }
    return moments
  }

  private static let mean = DenseMatrix(1, 4, [0.25, 0.25, 0.25, 0.25])

  @Test(
    "posterior sampling",
    arguments: [
      Case(name: "DPS, DDPM", sampler: DDPM(steps: 50)),
      Case(name: "DPS, DDIM", sampler: DDIM(steps: 50)),
    ])
  func recovering(_ it: Case) throws {
    let samples = try Self.samples(
      .recover(BlockMeans(factor: 2), .ofSquare(0.4)), it.sampler, [0.7])
    Self.check(it.name, Self.recovered(it.sampler, 0.4, Self.mean, [0.7], steps: 50), samples)
  }

  @Test("the error of RePaint's mean falls with the resamplings, and is never gone")
  func resamplings() throws {
    let select = DenseMatrix(2, 4, [1, 0, 0, 0, 0, 0, 0, 1])
    let posterior = Self.data.posterior(select, [0.9, -0.6])
    func errors(_ moments: Moments) -> (mean: Double, spread: Double) {
      let places = [1, 2]
      let squares = places.map { pow(moments.mean[$0] - posterior.mean[$0], 2) }
      let spreads = places.map { place in
        (moments.covariance.values[5 * place] / posterior.covariance.values[5 * place]).squareRoot()
      }
      return ((squares.reduce(0, +) / 2).squareRoot(), spreads.reduce(0, +) / 2)
    }
    var previous = Double.infinity
    for count in [1, 2, 5, 10, 20] {
      let repaint = RePaint(jumpLength: 5, resamplings: count)
      let it = Case(name: "RePaint", sampler: DDPM(steps: 30), repaint: repaint)
      let exact = errors(Self.filled(it, steps: 30))
      Bars.report(
        "RePaint, \(count) resamplings | error of the mean \(Self.text(exact.mean)), "
          + "deviation × \(Self.text(exact.spread))")
      #expect(exact.mean < previous && exact.mean > 0)
      previous = exact.mean
    }
    for zeta in [0.1, 0.4, 1.0] {
      let posterior = Self.data.posterior(Self.mean, [0.7])
      let moments = Self.recovered(DDPM(), zeta, Self.mean, [0.7], steps: 50)
      let error = zip(moments.mean, posterior.mean).reduce(0) { $0 + pow($1.0 - $1.1, 2) / 4 }
        .squareRoot()
      let ratio = (moments.covariance.trace / posterior.covariance.trace).squareRoot()
      Bars.report(
        "DPS, ζ = \(zeta) | error of the mean \(Self.text(error)), deviation × \(Self.text(ratio))")
      #expect(error > 0.001)
    }
  }
}

import Foundation
import Testing

@testable import Diffusion

/// Data N(0.1, 0.5²), whose path without noise is known: x(0) = m + (x_T − m)·√(c²/(c² + σ_T²)).
@Suite("Convergence to the exact path")
struct ConvergenceTests {
  /// Where the path ends that begins at 80, over n levels as EDM chooses them and then clean.
  static let ends: [(n: Int, values: [String: Double])] = [
    (
      5,
      [
        "euler": 0.333336895, "heun": 1.356313950, "dpm++2m": 0.532111253,
        "2": 0.524410103, "1.6": 0.451213971,
      ]
    ),
    (
      10,
      [
        "euler": 0.464756549, "heun": 0.709035753, "dpm++2m": 0.678662424,
        "2": 0.644018992, "1.6": 0.577353151,
      ]
    ),
    (
      20,
      [
        "euler": 0.529999705, "heun": 0.621171263, "dpm++2m": 0.623963102,
        "2": 0.643876760, "1.6": 0.600688069,
      ]
    ),
    (
      40,
      [
        "euler": 0.564269711, "heun": 0.604245769, "dpm++2m": 0.604560934,
        "2": 0.628100617, "1.6": 0.603321793,
      ]
    ),
  ]

  private static func estimation(_ gamma: Double) -> any Sampler {
    var sampler = GradientEstimation()
    sampler.gamma = gamma
    return sampler
  }

  @Test("ends are those of the published algorithms in float64")
  func table() {
    let samplers: [String: any Sampler] = [
      "euler": Euler(), "heun": Heun(), "dpm++2m": DPMSolver(), "2": Self.estimation(2),
      "1.6": Self.estimation(1.6),
    ]
    for (n, values) in Self.ends {
      for (name, expected) in values {
        guard let sampler = samplers[name] else { continue }
        let end = sampler.walk(
          SamplerTests.karras(n), from: Tensor(SamplerTests.one, [80]), GaussianDenoiser())
        #expect(isClose(Double(end.values[0]), expected, relative: 1e-5), "\(name), \(n)")
      }
    }
  }

  /// The root of the mean squared error at the end of paths from many starts.
  ///
  /// They end at a level with noise, evenly in ln σ, so that neither the last step nor an uneven one
  /// hides the order.
  private func error(_ sampler: some Sampler, _ n: Int) -> Double {
    let (top, bottom) = (20.0, 0.05)
    let sigmas = (0...n).map { top * pow(bottom / top, Double($0) / Double(n)) }
    let steps = sigmas.map { NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: $0)) }
    let starts = (0..<512).map { Float(20 * (Double($0) + 0.5) / 512 - 10) }
    let end = sampler.walk(steps, from: Tensor(Shape(1, 1, 512, 1), starts), GaussianDenoiser())
    let shrinks = ((0.25 + bottom * bottom) / (0.25 + top * top)).squareRoot()
    let squares = zip(starts, end.values).map { start, value in
      pow(Double(value) - (0.1 + (Double(start) - 0.1) * shrinks), 2)
    }
    return (squares.reduce(0, +) / 512).squareRoot()
  }

  private static var predictor: UniPC {
    var sampler = UniPC()
    sampler.corrects = false
    return sampler
  }

  static let orders: [(String, any Sampler, Double, Double)] = [
    ("euler", Euler(), 1, 0.25), ("ddim", DDIM(), 1, 0.25), ("heun", Heun(), 2, 0.25),
    ("dpm++2m", DPMSolver(), 2, 0.25), ("unipc", UniPC(), 3, 0.3),
    ("unipc's predictor", predictor, 2, 0.25), ("dpm++3m", DPMSolver3(), 2, 0.25),
  ]

  @Test("errors fall with the order of the method", arguments: orders)
  func order(_ name: String, _ sampler: any Sampler, _ order: Double, _ tolerance: Double) {
    let counts = [20, 40, 80, 160]
    let x = counts.map { log(Double($0)) }
    let y = counts.map { log(error(sampler, $0)) }
    let (meanX, meanY) = (x.reduce(0, +) / 4, y.reduce(0, +) / 4)
    let slope =
      zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
      / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    #expect(abs(-slope - order) < tolerance, "\(name): \(-slope)")
    Bars.report("order of \(name) | \(-slope), expected \(order) ± \(tolerance)")
  }
}

import Testing

@testable import Diffusion

/// Sums and means of diffusers' own tests: ends of whole paths from its made-up samples.
@Suite("The numbers that diffusers' own tests expect")
struct GoldenNumberTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let members: String
    let steps: Int
    /// Σ|x|, or the mean of |x| where that is what the test looks at.
    let sum: Double?
    let mean: Double?

    var testDescription: String { name }

    init(
      _ name: String, _ members: String, steps: Int = 10, sum: Double? = nil, mean: Double? = nil
    ) {
      (self.name, self.members, self.steps) = (name, members, steps)
      (self.sum, self.mean) = (sum, mean)
    }
  }

  private static let v = #""prediction_type": "v_prediction""#
  private static let ddim = #""_class_name": "DDIMScheduler""#
  private static let ddpm = #""_class_name": "DDPMScheduler""#
  private static let dpm =
    #""_class_name": "DPMSolverMultistepScheduler", "lower_order_final": false, "#
    + #""final_sigmas_type": "sigma_min""#
  private static let unipc =
    #""_class_name": "UniPCMultistepScheduler", "final_sigmas_type": "sigma_min""#
  private static let karras = #""use_karras_sigmas": true"#

  static let cases = [
    Case("DDIM", ddim, sum: 172.0067), Case("DDIM, v", "\(ddim), \(v)", sum: 52.5302),
    Case(
      "DDIM, ending clean", #"\#(ddim), "beta_start": 0.01, "set_alpha_to_one": true"#,
      sum: 149.8295),
    Case(
      "DDIM, ending at the first level",
      #"\#(ddim), "beta_start": 0.01, "set_alpha_to_one": false"#, sum: 149.0784),
    Case("DDPM", ddpm, steps: 1000, sum: 258.9606),
    Case("DDPM, v", "\(ddpm), \(v)", steps: 1000, sum: 202.0296),
    Case("DPM-Solver++", dpm, mean: 0.3301), Case("DPM-Solver++, v", "\(dpm), \(v)", mean: 0.2251),
    Case("DPM-Solver++, v, karras", "\(dpm), \(v), \(karras)", mean: 0.2096),
    Case("UniPC", unipc, mean: 0.2464), Case("UniPC, v", "\(unipc), \(v)", mean: 0.1014),
    Case("UniPC, karras", "\(unipc), \(karras)", mean: 0.2925),
    Case("UniPC, v, karras", "\(unipc), \(v), \(karras)", mean: 0.1966),
  ]

  /// Its model predicts x·t/(t + 1), whatever that is taken for.
  private struct MadeUp: Denoiser {
    let parameterization: Parameterization

    func predict(_ query: Query) -> Prediction {
      let t = Float(query.steps[0].timestep)
      let output = Tensor(query.x.shape, query.x.values.map { $0 * t / (t + 1) })
      return parameterization.prediction(output, x: query.x, levels: query.levels)
    }
  }

  @Test("are ours", arguments: cases)
  func numbers(_ one: Case) throws {
    var scheduler = try SchedulerConfiguration(
      json: JSON(parsing: "{\(one.members)}"), path: "scheduler_config.json")
    scheduler.sampling.steps = one.steps
    let path = Trajectory(
      scheduler.sampling, schedule: try scheduler.schedule.make(), from: SamplerTests.Fixed.sample,
      dataRange: -1...1, denoiser: MadeUp(parameterization: scheduler.parameterization),
      noise: NoiseSource(batch: Random(seed: 0)))
    let end = path.finish().x.map { Double(abs($0)) }
    let sum = end.reduce(0, +)
    if let expected = one.sum { #expect(abs(sum - expected) < 1e-2, "\(sum)") }
    if let expected = one.mean {
      #expect(abs(sum / Double(end.count) - expected) < 1e-3, "\(sum / Double(end.count))")
    }
  }
}

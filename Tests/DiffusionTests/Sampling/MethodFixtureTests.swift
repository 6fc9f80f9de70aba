import Testing

@testable import Diffusion

@Suite("Samplers as in k-diffusion, diffusers and smalldiffusion")
struct MethodFixtureTests {
  static let shape = Shape(3, 2, 2, 1)
  let fixture: Fixture

  init() throws { fixture = try Fixture("methods") }

  /// The noise of the fixture from one draw on, those that `keeps` says.
  private func noise(_ keeps: (Int) -> Bool = { _ in true }) throws -> NoiseSource {
    let all = try fixture.floats("noise")
    let size = Self.shape.count
    return NoiseSource(
      recorded: (0..<all.count / size).filter(keeps).map {
        Tensor(Self.shape, Array(all[$0 * size..<($0 + 1) * size]))
      })
  }

  /// All states of a path over unscaled levels, the last of which is left out where it is 0.
  private func states(
    _ sampler: some Sampler, _ sigmas: [Double], _ noise: NoiseSource
  ) throws -> [[Float]] {
    let levels = sigmas.map { NoiseLevel(sigma: $0) }
    let steps = levels.enumerated().map {
      $1.sigma > 0 ? NoiseStep(index: nil, timestep: Double(levels.count - $0), level: $1) : .clean
    }
    let start = try fixture.doubles("start").map { Float($0 * sigmas[0]) }
    return Trajectory(
      steps, from: Tensor(Self.shape, start), sampler: sampler, denoiser: GaussianDenoiser(),
      noise: noise
    ).map(\.x)
  }

  /// Compares states with a tensor of all of them, or of the last one.
  private func compare(_ states: [[Float]], _ name: String, tolerance: Double = 1e-5) throws {
    let expected = try fixture.floats(name)
    let size = states[0].count
    let found = expected.count == size ? [states[states.count - 1]] : states
    #expect(found.count * size == expected.count, "\(name)")
    for (index, state) in found.enumerated() {
      #expect(
        isNear(state, Array(expected[index * size..<(index + 1) * size]), tolerance: tolerance),
        "\(name) after \(index) steps")
    }
  }

  // MARK: k-diffusion

  private static func churned(_ amount: Double, _ deviation: Double = 1) -> Churn {
    var churn = Churn()
    (churn.amount, churn.noiseScale) = (amount, deviation)
    return churn
  }

  private static var kDiffusion: [(String, any Sampler)] {
    var (euler, heun, some) = (Euler(), Heun(), Heun())
    (euler.churn, heun.churn) = (churned(3, 1.01), churned(3, 1.01))
    some.churn = churned(30)
    (some.churn.lowest, some.churn.highest) = (0.05, 50)
    var (half, sde, lms) = (EulerAncestral(), DPMSolverSDE(), LMS())
    (half.eta, sde.eta, lms.order) = (0.5, 0.5, 2)
    return [
      ("euler", Euler()), ("euler", DDIM()), ("euler-churn", euler), ("heun", Heun()),
      ("heun-churn", heun), ("heun-churn-some", some), ("ancestral", EulerAncestral()),
      ("ancestral", DDIM(eta: 1)), ("ancestral-half", half), ("lms", LMS()), ("lms-2", lms),
      ("dpm++2m", DPMSolver()), ("dpm++2m-sde", DPMSolverSDE()), ("dpm++2m-sde-half", sde),
    ]
  }

  @Test("whole paths are k-diffusion's, of one step and of many", arguments: [1, 5, 18])
  func kDiffusion(_ count: Int) throws {
    let sigmas = try fixture.doubles("kd.\(count).sigmas")
    for (name, sampler) in Self.kDiffusion where !(count == 1 && name.contains("sde")) {
      // It draws noise in every step, also where none is added.
      let isChosen = name == "heun-churn-some"
      let noise = try noise { !isChosen || ($0 < count && (0.05...50).contains(sigmas[$0])) }
      let states = try states(sampler, sigmas, noise)
      try compare(states, "kd.\(name).\(count)", tolerance: 1e-5)
    }
  }

  // MARK: diffusers

  private static var multistep: [(String, any Sampler)] {
    var predictor = UniPC()
    predictor.corrects = false
    return [("dpm++3m", DPMSolver3()), ("unipc", UniPC()), ("unip", predictor)]
  }

  @Test(
    "multistep paths are diffusers'",
    arguments: ["trailing.1", "trailing.2", "trailing.5", "trailing.20", "linspace.10"])
  func multistep(_ name: String) throws {
    for (solver, sampler) in Self.multistep {
      let steps = Schedule.linear().steps(at: try fixture.ints("\(solver).\(name).timesteps"))
      let path = Trajectory(
        steps, from: Tensor(Self.shape, try fixture.floats("start")), sampler: sampler,
        denoiser: GaussianDenoiser(), noise: NoiseSource(recorded: [])
      ).map(\.x)
      try compare(path, "\(solver).\(name).states")
    }
  }

  @Test("PLMS ends where diffusers' PNDM without Runge–Kutta steps does")
  func plms() throws {
    for (spacing, count) in [
      (StepSpacing.leading, 2), (.leading, 10), (.leading, 50), (.trailing, 20),
    ] {
      let end = PLMS().walk(
        Schedule.linear().steps(count, spacing: spacing),
        from: Tensor(Self.shape, try fixture.floats("start")), GaussianDenoiser())
      try compare([end.values], "plms.\(spacing.rawValue).\(count)")
    }
  }

  @Test("flows end where diffusers' flow-matching schedulers do")
  func flows() throws {
    for method in FlowSolver.Method.allCases {
      for count in [1, 10, 25] {
        var sampler = FlowSolver()
        sampler.method = method
        let name = "flow.\(method.rawValue).\(count)"
        let steps = try fixture.doubles("\(name).sigmas").map { sigma in
          NoiseStep(
            index: nil, timestep: 1000 * sigma, level: NoiseLevel(alpha: 1 - sigma, sigma: sigma))
        }
        let end = sampler.walk(
          steps, from: Tensor(Self.shape, try fixture.floats("start")), GaussianDenoiser())
        try compare([end.values], name)
        if method == .euler {
          let same = DDIM().walk(
            steps, from: Tensor(Self.shape, try fixture.floats("start")), GaussianDenoiser())
          try compare([same.values], name)
        }
      }
    }
  }

  // MARK: smalldiffusion and score models

  @Test("γ and μ are smalldiffusion's", arguments: [1, 10, 30])
  func gradientEstimation(_ count: Int) throws {
    let sigmas = try fixture.doubles("ge.\(count).sigmas")
    for (gamma, mu) in [(1.0, 0.0), (2, 0), (1.6, 0.3), (1, 0.5)] {
      var sampler = GradientEstimation()
      (sampler.gamma, sampler.mu) = (gamma, mu)
      try compare(states(sampler, sigmas, noise()), "ge.\(gamma).\(mu).\(count)")
    }
  }

  @Test("annealed Langevin is the algorithm of Song and Ermon")
  func langevin() throws {
    let sigmas = try fixture.doubles("langevin.sigmas")
    for (updates, size) in [(1, 0.2), (5, 0.2), (10, 0.05)] {
      var sampler = AnnealedLangevin()
      (sampler.updates, sampler.size, sampler.denoises) = (updates, size, false)
      try compare(states(sampler, sigmas + [0], noise()), "langevin.\(updates).\(size)")
    }
  }

  @Test("predictor and corrector end where diffusers' VE scheduler does")
  func predictorCorrector() throws {
    let one = Shape(1, 2, 2, 1)
    let all = try fixture.floats("pc.noise")
    for (count, corrections, snr) in [(1, 1, 0.15), (5, 1, 0.15), (3, 2, 0.16)] {
      var sampler = PredictorCorrector()
      (sampler.corrections, sampler.snr) = (corrections, snr)
      let sigmas = try fixture.doubles("pc.\(count).sigmas")
      let end = sampler.walk(
        variancePath(sigmas.reversed()), from: Tensor(one, try fixture.floats("pc.start")),
        GaussianDenoiser(),
        noise: NoiseSource(
          recorded: (0..<all.count / 4).map { Tensor(one, Array(all[$0 * 4..<($0 + 1) * 4])) }))
      try compare([end.values], "pc.\(count)")
    }
  }

  // MARK: DDPM and limits

  /// What the network answered: ε, and behind it the place of the variance.
  private struct Answer: Denoiser {
    let epsilon: Tensor
    let variance: Tensor

    func predict(_ query: Query) -> Prediction {
      var prediction = Parameterization.epsilon.prediction(
        epsilon, x: query.x, levels: query.levels)
      prediction.variance = variance
      return prediction
    }
  }

  @Test("a learned range of variances is diffusers'")
  func learnedRange() throws {
    let shape = Shape(2, 4, 4, 3)
    let output = try fixture.floats("learned.output")
    func half(_ offset: Int) -> Tensor {
      let (size, whole) = (48, 96)
      return Tensor(
        channelsFirst: (0..<2).flatMap { sample in
          output[sample * whole + offset..<sample * whole + offset + size]
        }, shape)
    }
    let answer = Answer(epsilon: half(0), variance: half(48))
    let noise = Tensor(channelsFirst: try fixture.floats("learned.noise"), shape)
    for count in [1000, 50] {
      let steps = Schedule.linear().steps(count)
      for place in [0, count / 2, count - 2] {
        let end = DDPM(variance: .learnedRange).walk(
          Array(steps[place...place + 1]),
          from: Tensor(channelsFirst: try fixture.floats("learned.sample"), shape), answer,
          noise: NoiseSource(recorded: [noise]), clip: -1...1)
        // Its ᾱ are products of float32.
        #expect(
          isNear(
            end.channelsFirst, try fixture.floats("learned.\(count).\(place)"), tolerance: 1e-4))
      }
    }
  }

  @Test("dynamic thresholding is diffusers'")
  func thresholds() throws {
    let shape = Shape(3, 4, 4, 3)
    for quantile in [0.5, 0.9, 0.995, 1] {
      for largest in [1.0, 2] {
        let x0 = Tensor(channelsFirst: try fixture.floats("threshold.x0"), shape)
        Clipping.dynamic(quantile: quantile, largest: largest).apply(to: x0, -1...1)
        #expect(
          isNear(
            x0.channelsFirst, try fixture.floats("threshold.\(quantile).\(largest)"),
            tolerance: 1e-6), "\(quantile) \(largest)")
      }
    }
  }

  @Test("dynamic thresholding of data between 0 and 1 is that of data between −1 and 1")
  func thresholdRange() {
    let values: [Float] = [-3, -0.5, 0.2, 0.9, 2, 0.1]
    let wide = Tensor(Shape(1, 1, 6, 1), values)
    let narrow = Tensor(Shape(1, 1, 6, 1), values.map { $0 / 2 + 0.5 })
    let clipping = Clipping.dynamic(quantile: 0.7, largest: 2)
    clipping.apply(to: wide, -1...1)
    clipping.apply(to: narrow, 0...1)
    #expect(isClose(narrow.values, wide.values.map { $0 / 2 + 0.5 }, absolute: 1e-6))
  }
}

import Testing

@testable import Diffusion

@Suite("Whole paths and variants as in PyTorch")
struct MoreFixtureTests {
  @Test("schedules are the references' formulas in float64")
  func schedules() throws {
    let fixture = try Fixture("schedules")
    for (name, sd, schedule) in [
      ("linear", "sd.ddpm", Schedule.linear()),
      ("scaled-linear", "sd.ldm", ScaledLinearSchedule().make()),
      ("cosine", "sd.cosine", .cosine()), ("linear50", "", .linear(timesteps: 50)),
    ] {
      #expect(
        isClose(schedule.betas, try fixture.doubles("\(name).betas.f64"), relative: 1e-11),
        "\(name)")
      #expect(
        isClose(schedule.alphaBars, try fixture.doubles("\(name).alpha_bars.f64"), relative: 1e-11),
        "\(name)")
      if !sd.isEmpty {
        #expect(
          isClose(schedule.sigmas, try fixture.doubles("\(sd).sigmas.f64"), relative: 1e-11),
          "\(name)")
      }
    }
    for (name, schedule) in [
      ("log-linear", Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)),
      ("log-linear10", .logLinear(timesteps: 10, sigmaMin: 0.02, sigmaMax: 10)),
    ] {
      #expect(
        isClose(schedule.sigmas, try fixture.doubles("sd.\(name).sigmas.f64"), relative: 1e-12))
    }
  }

  private struct Ramp: Denoiser {
    func predict(_ query: Query) -> Prediction {
      let (output, t) = (query.x.copy(), query.steps[0].timestep)
      output.assign(Float(t / (t + 1)), query.x, plus: 0, query.x)
      return Parameterization.epsilon.prediction(output, x: query.x, levels: query.levels)
    }
  }

  @Test("whole paths are diffusers'", arguments: ["ramp", "gaussian", "clipped"])
  func paths(_ name: String) throws {
    let fixture = try Fixture("paths")
    let noises = try fixture.floats("noise")
    let recorded = (0..<20).map {
      Tensor(Shape(3, 2, 2, 1), Array(noises[$0 * 12..<($0 + 1) * 12]))
    }
    let start = Tensor(Shape(3, 2, 2, 1), try fixture.floats("start"))
    let steps = Schedule.linear().steps(20, spacing: .leading)
    #expect(try steps.compactMap(\.index) == fixture.ints("timesteps"))
    let denoiser: any Denoiser =
      name == "ramp" ? Ramp() : GaussianDenoiser(deviation: name == "clipped" ? 2 : 0.5)
    let samplers: [(String, any Sampler)] = [
      ("ddpm.fixed_small", DDPM()), ("ddpm.fixed_large", DDPM(variance: .fixedLarge)),
      ("ddim.0.0", DDIM(eta: 0)), ("ddim.0.5", DDIM(eta: 0.5)), ("ddim.1.0", DDIM(eta: 1)),
    ]
    for (key, sampler) in samplers {
      let path = Trajectory(
        steps, from: start, sampler: sampler, denoiser: denoiser,
        noise: NoiseSource(recorded: recorded), clipping: name == "clipped" ? .range : .none
      ).flatMap(\.x)
      let expected = try fixture.floats("\(name).\(key)")
      #expect(isNear(path, expected, tolerance: 1e-5), "\(name) \(key)")
    }
  }

  static let convolutions: [LayerFixtureTests.Case] = [
    .init("lines") { Conv2d(3, 48, "l", &$0) }, .init("wide") { Conv2d(16, 16, "l", &$0) },
    .init("deep") { Conv2d(64, 5, "l", &$0) },
    .init("halving") { Conv2d(32, 5, stride: 2, "l", &$0) },
  ]

  @Test("convolutions of odd sizes and their gradients are PyTorch's", arguments: convolutions)
  func convolution(_ layer: LayerFixtureTests.Case) throws {
    let fixture = try Fixture("convolutions")
    func tensor(_ part: String) throws -> Tensor {
      let s = try fixture.shape("\(layer.name).\(part)")
      return Tensor(
        channelsFirst: try fixture.floats("\(layer.name).\(part)"), Shape(s[0], s[2], s[3], s[1]))
    }
    var table = ParameterTable()
    let made = layer.make(&table)
    let (weights, gradients) = (table.makeBlock(), table.makeBlock())
    func named(_ prefix: String) throws -> [NamedTensor] {
      try table.parameters.map { parameter in
        NamedTensor(
          name: parameter.name, shape: parameter.shape,
          values: try fixture.floats("\(layer.name).\(prefix)\(parameter.name.dropFirst(2))"))
      }
    }
    try table.load(try named(""), into: weights)
    let pass = Pass(.train, table, weights: weights, gradients: gradients)
    let y = made.forward(try tensor("x"), pass)
    #expect(isNear(y.channelsFirst, try fixture.floats("\(layer.name).y")))
    let dx = made.backward(try tensor("dy"), pass)
    #expect(isNear(dx.channelsFirst, try fixture.floats("\(layer.name).dx")))
    for (found, expected) in zip(table.export(gradients), try named("d")) {
      #expect(isNear(found.values, expected.values), "\(found.name)")
    }
  }

  @Test(
    "20 losses with Adam, with clipping and with a cosine are PyTorch's",
    arguments: ["adam", "clip", "cosine"])
  func variants(_ name: String) throws {
    let fixture = try Fixture("mlp-variants")
    let data = Points.swissroll()
    let network = Network.mlp(data.shape, hidden: [16, 128, 128, 128, 128, 16])
    let schedule = Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)
    let adam = name == "adam" ? Adam(.adam, weightDecay: 0) : Adam(.adamw)
    let rate =
      name == "cosine"
      ? LearningRateSchedule(1e-3, warmup: 5, decay: .cosine) : LearningRateSchedule(1e-3)
    let trainer = Trainer(
      network, on: data, schedule: schedule,
      TrainingConfiguration(
        batchSize: 64, steps: 20, optimizer: adam, learningRate: rate,
        maximumGradientNorm: name == "clip" ? 0.1 : 0, seed: 1))
    let metrics = trainer.map { $0 }
    let losses = try fixture.floats("\(name).losses")
    #expect(isClose(metrics.map { Float($0.loss) }, losses, relative: 1e-5))
    #expect(
      isClose(
        metrics.map { Float($0.gradientNorm) }, try fixture.floats("\(name).norms"), relative: 1e-4)
    )
    #expect(
      isClose(metrics.map(\.learningRate), try fixture.doubles("\(name).rates"), relative: 1e-12))
  }

  @Test("first estimates and leading steps are diffusers'")
  func estimates() throws {
    let fixture = try Fixture("samplers")
    let shape = Shape(2, 4, 4, 3)
    func tensor(_ name: String) throws -> Tensor {
      Tensor(channelsFirst: try fixture.floats(name), shape)
    }
    struct Recorded: Denoiser {
      let output: Tensor
      let kind: Parameterization
      func predict(_ query: Query) -> Prediction {
        kind.prediction(output, x: query.x, levels: query.levels)
      }
    }
    let (sample, output, noise) = (try tensor("sample"), try tensor("output"), try tensor("noise"))
    for clip in [0, 1] {
      let range: ClosedRange<Float>? = clip == 1 ? -1...1 : nil
      for count in [1000, 50] {
        let steps = Schedule.linear().steps(count, spacing: .trailing)
        for place in [0, count / 2, count - 1] {
          let prediction = Recorded(output: output, kind: .epsilon)
            .predict(Query(sample, at: steps[place]))
          if let range { prediction.x0.clamp(to: range) }
          #expect(
            isNear(
              prediction.x0.channelsFirst, try fixture.floats("x0.\(clip).\(count).\(place)"),
              tolerance: 2e-4), "\(clip) \(count) \(place)")
        }
      }
      let steps = Schedule.linear().steps(50, spacing: .leading)
      for kind in ["epsilon", "sample"] {
        for (name, variance) in [
          ("fixed_small", DDPM.Variance.fixedSmall), ("fixed_large", .fixedLarge),
        ] {
          for place in [0, 25, 49] {
            let x = DDPM(variance: variance).walk(
              Array(steps[place...place + 1]), from: sample,
              Recorded(output: output, kind: kind == "epsilon" ? .epsilon : .x0),
              noise: NoiseSource(recorded: [noise]), clip: range)
            #expect(
              isNear(
                x.channelsFirst,
                try fixture.floats("ddpm-leading.\(kind).\(clip).50.\(name).\(place)"),
                tolerance: 2e-4), "\(kind) \(clip) \(name) \(place)")
          }
        }
      }
    }
  }
}

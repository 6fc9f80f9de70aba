import Testing

@testable import Diffusion

@Suite("Heun and DPM-Solver++ as in diffusers and in their papers")
struct SolverFixtureTests {
  static let shape = Shape(3, 2, 2, 1)

  /// The recorded path of a solver from the same start, with the ideal denoiser of a Gaussian.
  private func compare(
    _ sampler: some Sampler, _ solver: String, _ name: String, schedule: Schedule,
    tolerance: Double
  ) throws {
    let fixture = try Fixture("solvers")
    let prefix = "\(solver).\(name)"
    let start = try fixture.floats("start")
    // Heun asks at a level twice; the list of levels has each once.
    let asked = try fixture.ints("\(prefix).timesteps")
    let places = asked.enumerated().filter { $0.offset == 0 || asked[$0.offset - 1] != $0.element }
    let steps = schedule.steps(at: places.map(\.element))
    let sigmas = try fixture.doubles("\(prefix).sigmas")
    // The library keeps its sigmas in float32.
    #expect(isClose(steps.map(\.level.sigmaOverAlpha), sigmas, relative: 1e-3, absolute: 1e-9))
    let isClipped = name == "clipped"
    let path = Trajectory(
      steps, from: Tensor(Self.shape, start), sampler: sampler,
      denoiser: GaussianDenoiser(deviation: isClipped ? 2 : 0.5), noise: NoiseSource(recorded: []),
      clipping: isClipped ? .range : .none
    ).map(\.x)
    let expected = try fixture.floats("\(prefix).states")
    let size = Self.shape.count
    #expect(path.count * size == expected.count)
    for (index, x) in path.enumerated() {
      let state = Array(expected[index * size..<(index + 1) * size])
      #expect(isNear(x, state, tolerance: tolerance), "\(prefix) after \(index) steps")
    }
  }

  private static let cases = [
    "linear.trailing.10", "linear.trailing.25", "linear.trailing.50", "linear.linspace.10",
    "cosine.leading.20", "clipped",
  ]

  private func schedule(_ name: String) -> Schedule {
    name.hasPrefix("cosine") ? .cosine() : .linear()
  }

  @Test("Heun's whole paths are diffusers'", arguments: cases)
  func heun(_ name: String) throws {
    try compare(Heun(), "heun", name, schedule: schedule(name), tolerance: 2e-5)
  }

  @Test("DPM-Solver++'s whole paths are diffusers'", arguments: cases)
  func dpmSolver(_ name: String) throws {
    try compare(DPMSolver(), "dpmpp", name, schedule: schedule(name), tolerance: 2e-5)
  }

  @Test("both follow their papers where variance explodes")
  func exploding() throws {
    let fixture = try Fixture("solvers")
    let sigmas = try fixture.doubles("exploding.sigmas")
    let steps = variancePath(Array(sigmas.dropLast()))
    let start = try fixture.floats("start").map { $0 * Float(sigmas[0]) }
    for (solver, sampler) in [("heun", Heun() as any Sampler), ("dpmpp", DPMSolver())] {
      let expected = try fixture.floats("\(solver).exploding.states")
      let first = Array(expected.prefix(Self.shape.count))
      #expect(isNear(start, first, tolerance: 1e-6))
      let path = Trajectory(
        steps, from: Tensor(Self.shape, first), sampler: sampler, denoiser: GaussianDenoiser(),
        noise: NoiseSource(recorded: [])
      ).flatMap(\.x)
      #expect(isNear(path, expected, tolerance: 1e-5), "\(solver)")
    }
  }

  @Test("twice the steps leave a quarter of the error, where Euler's leave half")
  func order() {
    let exact = GaussianDenoiser().exactEnd(80, from: 80)
    func error(_ sampler: some Sampler, _ n: Int) -> Double {
      let end = sampler.walk(
        SamplerTests.karras(n), from: Tensor(Shape(1, 1, 1, 1), [80]), GaussianDenoiser())
      return abs(Double(end.values[0]) - exact)
    }
    #expect(error(Heun(), 80) < 0.35 * error(Heun(), 40))
    #expect(error(DPMSolver(), 80) < 0.35 * error(DPMSolver(), 40))
    #expect(error(DDIM(), 80) > 0.4 * error(DDIM(), 40))
  }

  @Test("from levels where no signal is left, and to a level with noise, numbers stay finite")
  func edges() {
    let steps = [NoiseLevel(alphaBar: 0), NoiseLevel(alphaBar: 0.1), NoiseLevel(alphaBar: 0.6)]
      .map { NoiseStep(index: nil, timestep: 0, level: $0) }
    let data = IdealDenoiser([-1, 0.5, 0.2, 1], Shape(2, 1, 1, 2))
    for sampler in Samplers.all where !sampler.isStochastic {
      let end = sampler.walk(steps, from: Tensor(Shape(1, 1, 1, 2), [0.3, -1]), data)
      #expect(end.values.allSatisfy { $0.isFinite }, "\(sampler.kindName)")
    }
  }
}

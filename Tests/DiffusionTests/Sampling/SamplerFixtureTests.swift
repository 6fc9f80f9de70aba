import Testing

@testable import Diffusion

@Suite("Schedules and samplers as in diffusers and smalldiffusion")
struct SamplerFixtureTests {
  @Test("betas and alphaBars are diffusers', which computes them in float32")
  func schedules() throws {
    let fixture = try Fixture("schedules")
    let ours: [(String, Schedule)] = [
      ("linear", .linear()), ("scaled-linear", ScaledLinearSchedule().make()),
      ("cosine", .cosine()),
      ("linear50", .linear(timesteps: 50)),
    ]
    for (name, schedule) in ours {
      #expect(
        isClose(schedule.betas, try fixture.doubles("\(name).betas"), relative: 2e-4),
        "\(name)")
      // A product of a thousand float32 factors.
      #expect(
        isClose(
          schedule.alphaBars, try fixture.doubles("\(name).alpha_bars"), relative: 3e-5,
          absolute: 1e-9), "\(name)")
    }
  }

  @Test("log-linear sigmas and the levels that are visited are smalldiffusion's")
  func sigmas() throws {
    let fixture = try Fixture("schedules")
    let ours: [(String, Schedule)] = [
      ("log-linear", .logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)),
      ("log-linear10", .logLinear(timesteps: 10, sigmaMin: 0.02, sigmaMax: 10)),
      ("ddpm", .linear()), ("ldm", ScaledLinearSchedule().make()),
    ]
    for (name, schedule) in ours {
      // √(1/ᾱ − 1) in float32 loses digits where ᾱ is near 1.
      let tolerance = name.hasPrefix("log") ? 1e-5 : 1e-3
      #expect(
        isClose(
          schedule.sigmas, try fixture.doubles("sd.\(name).sigmas"), relative: tolerance), "\(name)"
      )
      for count in [7, 10] {
        let levels = schedule.steps(count, spacing: .sampleSigmas).map(\.level.sigmaOverAlpha)
        #expect(
          isClose(
            levels, try fixture.doubles("sd.\(name).sample.\(count)"), relative: tolerance),
          "\(name), \(count)")
      }
    }
  }

  @Test("steps are spaced as diffusers spaces them", arguments: [10, 20, 50])
  func timesteps(_ count: Int) throws {
    let fixture = try Fixture("schedules")
    for (name, spacing) in [
      ("leading", StepSpacing.leading), ("linspace", .linspace), ("trailing", .trailing),
    ] {
      let steps = Schedule.linear().steps(count, spacing: spacing).compactMap(\.index)
      #expect(try steps == fixture.ints("timesteps.\(name).\(count)"), "\(name)")
    }
  }

  /// A denoiser that always answers the recorded network output.
  private struct Recorded: Denoiser {
    let output: Tensor
    let parameterization: Parameterization

    func predict(_ query: Query) -> Prediction {
      parameterization.prediction(output, x: query.x, levels: query.levels)
    }
  }

  private func tensor(_ fixture: Fixture, _ name: String) throws -> Tensor {
    Tensor(channelsFirst: try fixture.floats(name), Shape(2, 4, 4, 3))
  }

  /// diffusers computes alphas_cumprod and all coefficients in float32; the first steps of a
  /// thousand are differences of nearly equal numbers.
  private static let tolerance = 2e-4

  private func compare(
    _ fixture: Fixture, _ name: String, _ kind: String, count: Int, place: Int,
    sampler: some Sampler, clip: Int
  ) throws {
    let steps = Schedule.linear().steps(count, spacing: .trailing)
    let denoiser = Recorded(
      output: try tensor(fixture, "output"),
      parameterization: kind == "epsilon" ? .epsilon : .x0)
    let noise = NoiseSource(recorded: [try tensor(fixture, "noise")])
    let x = sampler.walk(
      Array(steps[place...place + 1]), from: try tensor(fixture, "sample"), denoiser, noise: noise,
      clip: clip == 1 ? -1...1 : nil)
    #expect(
      isNear(x.channelsFirst, try fixture.floats(name), tolerance: Self.tolerance), "\(name)")
  }

  @Test("DDPM's steps are diffusers', any subset, both predictions, both variances, clipped or not")
  func ddpm() throws {
    let fixture = try Fixture("samplers")
    for kind in ["epsilon", "sample"] {
      for clip in [0, 1] {
        for count in [1000, 50] {
          for (name, variance) in [
            ("fixed_small", DDPM.Variance.fixedSmall), ("fixed_large", .fixedLarge),
          ] {
            // diffusers adds noise to the result itself where the last timestep is not 0 and the
            // variance is the large one; we never do.
            let last = count == 50 && variance == .fixedLarge ? count - 2 : count - 1
            for place in [0, count / 2, count - 1] where place <= last {
              try compare(
                fixture, "ddpm.\(kind).\(clip).\(count).\(name).\(place)", kind, count: count,
                place: place, sampler: DDPM(variance: variance), clip: clip)
            }
          }
        }
      }
    }
  }

  @Test("DDIM's steps are diffusers', with and without noise", arguments: [0, 0.5, 1])
  func ddim(_ eta: Double) throws {
    let fixture = try Fixture("samplers")
    for kind in ["epsilon", "sample"] {
      for clip in [0, 1] {
        for place in [0, 25, 49] {
          try compare(
            fixture, "ddim.\(kind).\(clip).\(eta).\(place)", kind, count: 50, place: place,
            sampler: DDIM(eta: eta), clip: clip)
        }
      }
    }
  }

  @Test("whole paths on the swissroll's ideal denoiser are smalldiffusion's")
  func swissroll() throws {
    let fixture = try Fixture("swissroll")
    let data = try fixture.floats("data")
    #expect(isClose((0..<100).flatMap { Points.swissroll().sample(at: $0) }, data, absolute: 5e-6))
    let ideal = IdealDenoiser(data, Shape(100, 1, 1, 2))
    let steps = Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)
      .steps(20, spacing: .sampleSigmas)
    for name in ["ddim", "ddpm"] {
      let noises = try fixture.floats("\(name).noise")
      let recorded = (0..<20).map {
        Tensor(Shape(4, 1, 1, 2), Array(noises[$0 * 8..<($0 + 1) * 8]))
      }
      let sampler: any Sampler = name == "ddim" ? DDIM(eta: 0) : DDPM()
      let trajectory = Trajectory(
        steps, from: Tensor(Shape(4, 1, 1, 2), try fixture.floats("start")), sampler: sampler,
        denoiser: ideal, noise: NoiseSource(recorded: recorded))
      let path = trajectory.dropFirst().flatMap(\.x)
      #expect(isClose(path, try fixture.floats("\(name).path"), relative: 1e-4, absolute: 1e-4))
    }
  }
}

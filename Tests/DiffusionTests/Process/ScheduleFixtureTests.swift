import Testing

@testable import Diffusion

@Suite("Schedules as in their formulas and in other libraries")
struct ScheduleFixtureTests {
  static let count = 250

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let family: any ScheduleFamily
    var testDescription: String { name }

    init<Family: ScheduleFamily>(
      _ name: String, _ family: Family, levels: Int = count,
      _ change: (inout Family) -> Void = { _ in }
    ) {
      var family = family
      family.timesteps = levels
      change(&family)
      self.name = name
      self.family = family
    }
  }

  static let preserving = [
    Case("linear-scaled", LinearSchedule()) { $0.isScaled = true },
    Case("quadratic", ScaledLinearSchedule()) { ($0.betaStart, $0.betaEnd) = (1e-4, 0.02) },
    Case("beta-sigmoid", BetaSigmoidSchedule()), Case("alpha-sigmoid", AlphaSigmoidSchedule()),
    Case("exponential", ExponentialSchedule()), Case("laplace", LaplaceSchedule()),
    Case("constant", ConstantSchedule()), Case("warm-up10", WarmUpSchedule()),
    Case("warm-up50", WarmUpSchedule()) { $0.share = 0.5 },
  ]

  @Test("β and ᾱ are the formula's in float64", arguments: preserving)
  func formulas(_ item: Case) throws {
    let fixture = try Fixture("levels")
    let schedule = item.family.make()
    #expect(
      isClose(schedule.betas, try fixture.doubles("\(item.name).betas.f64"), relative: 1e-12))
    #expect(
      isClose(
        schedule.alphaBars, try fixture.doubles("\(item.name).alpha_bars.f64"), relative: 1e-12))
  }

  static let unscaled = [
    Case("karras", KarrasSchedule()),
    Case("karras3", KarrasSchedule()) { ($0.sigmaMin, $0.sigmaMax, $0.rho) = (0.01, 50, 3) },
    Case("polyexponential", PolyexponentialSchedule()),
    Case("ve", LogLinearSchedule()) { ($0.sigmaMin, $0.sigmaMax) = (0.01, 50) },
    Case("ncsn", LogLinearSchedule(), levels: 10) { ($0.sigmaMin, $0.sigmaMax) = (0.01, 1) },
    Case("iddpm", ImprovedSchedule()), Case("walk", WalkSchedule()),
  ]

  @Test("σ is the formula's in float64", arguments: unscaled)
  func sigmas(_ item: Case) throws {
    let expected = try Fixture("levels").doubles("\(item.name).sigmas.f64")
    #expect(isClose(item.family.make().sigmas, expected, relative: 1e-12))
  }

  static let pairs = [
    Case("vp", ContinuousSchedule()),
    Case("sub-vp", ContinuousSchedule()) { $0.process = .below },
    Case("flow", FlowSchedule()), Case("flow-shifted", FlowSchedule()) { $0.shift = 3 },
  ]

  @Test("(α, σ) are the formula's in float64", arguments: pairs)
  func levels(_ item: Case) throws {
    let fixture = try Fixture("levels")
    let levels = item.family.make().levels
    for (found, part) in [(levels.map(\.alpha), "alphas"), (levels.map(\.sigma), "sigmas")] {
      let expected = try fixture.doubles("\(item.name).\(part).f64")
      #expect(isClose(found, expected, relative: 1e-12, absolute: 1e-15), "\(part)")
    }
  }

  @Test("rescaled to end without signal as in Lin et al. 2024")
  func zeroSNR() throws {
    let fixture = try Fixture("levels")
    var linear = LinearSchedule()
    (linear.timesteps, linear.zeroSNR) = (Self.count, true)
    let found = linear.make()
    #expect(found.terminalSNR == 0 && found.betas[Self.count - 1] == 1)
    #expect(
      isClose(
        found.alphaBars, try fixture.doubles("linear-zero.alpha_bars.f64"), relative: 1e-12,
        absolute: 1e-15))
    for family in Schedules.all.map({ ScheduleConfiguration($0) })
    where family.setting("zero_snr") != nil {
      var rescaled = family
      try rescaled.set("zero_snr", to: .flag(true))
      let (before, after) = (try family.make(), try rescaled.make())
      #expect(after.terminalSNR == 0, "\(family.name)")
      #expect(isClose(after.alphaBars[0], before.alphaBars[0], relative: 1e-12), "\(family.name)")
    }
  }

  /// ᾱ, or σ falling, of libraries that compute in float32.
  static let libraries = [
    Case("beta-sigmoid.alpha_bars", BetaSigmoidSchedule()),
    Case("laplace.alpha_bars", LaplaceSchedule()),
    Case("exponential.alpha_bars", ExponentialSchedule()),
    Case("linear-zero.alpha_bars", LinearSchedule()) { $0.zeroSNR = true },
    Case("cosine-zero.alpha_bars", CosineSchedule()) { $0.zeroSNR = true },
    Case("karras.sigmas", KarrasSchedule()),
    Case("karras3.sigmas", KarrasSchedule()) {
      ($0.sigmaMin, $0.sigmaMax, $0.rho) = (0.01, 50, 3)
    },
    Case("polyexponential.sigmas", PolyexponentialSchedule()),
    Case("vp.sigmas", ContinuousSchedule()),
  ]

  @Test("agree with diffusers and k-diffusion", arguments: libraries)
  func ofLibraries(_ item: Case) throws {
    let expected = try Fixture("levels").doubles(item.name)
    let schedule = item.family.make()
    let found =
      item.name.hasSuffix("sigmas") ? schedule.sigmas.reversed() : schedule.alphaBars
    let scale = expected.max() ?? 1
    #expect(isClose(found, expected, relative: 0, absolute: 1e-5 * scale))
  }

  @Test("a flow's times are smalldiffusion's")
  func flowTimes() throws {
    let expected = try Fixture("levels").doubles("flow.sigmas")
    var flow = FlowSchedule()
    flow.timesteps = Self.count
    #expect(isClose(flow.make().levels.map(\.sigma).reversed(), expected, relative: 1e-5))
  }

  @Test("steps between the levels, and their timesteps, are diffusers'", arguments: [2, 7, 30])
  func between(_ count: Int) throws {
    let fixture = try Fixture("levels")
    for (name, spacing) in [("karras", StepSpacing.karras), ("exponential", .logSNR)] {
      let steps = Schedule.linear().steps(count, spacing: spacing)
      let sigmas = try fixture.doubles("steps.\(name).\(count).sigmas")
      // √(1/ᾱ − 1) of the smallest, in float32.
      #expect(isClose(steps.map(\.level.sigmaOverAlpha), sigmas, relative: 1e-4), "\(name)")
      #expect(
        isClose(
          steps.dropLast().map(\.timestep), try fixture.doubles("steps.\(name).\(count).timesteps"),
          relative: 1e-4, absolute: 1e-2), "\(name)")
    }
  }
}

@Suite("Levels between those of a schedule")
struct LevelsBetweenTests {
  static let schedules = [
    Schedule.linear(), .logLinear(), FlowSchedule().make(), ContinuousSchedule().make(),
    LinearSchedule.endless,
  ]

  @Test("a level that is in the list is found there", arguments: schedules)
  func onTheGrid(_ schedule: Schedule) {
    for index in [0, 1, schedule.count / 2, schedule.count - 1] {
      #expect(
        schedule.step(sigmaOverAlpha: schedule[index].sigmaOverAlpha) == schedule.step(at: index))
      #expect(schedule.step(timestep: Double(index)) == schedule.step(at: index))
    }
  }

  @Test("place and noise lead back to each other, in the same process", arguments: schedules)
  func thereAndBack(_ schedule: Schedule) {
    for place in [0.25, 17.5, Double(schedule.count) - 3.3] {
      let step = schedule.step(timestep: place)
      let (below, above) = (schedule[Int(place)], schedule[Int(place) + 1])
      #expect(
        below.sigmaOverAlpha < step.level.sigmaOverAlpha
          && step.level.sigmaOverAlpha < above.sigmaOverAlpha)
      let back = schedule.step(sigmaOverAlpha: step.level.sigmaOverAlpha)
      #expect(isClose(back.timestep, place, relative: 1e-9))
      #expect(isClose(back.level.alpha, step.level.alpha, relative: 1e-9))
      // Between its neighbours on the curve that the process follows.
      #expect(min(above.alpha, below.alpha) <= step.level.alpha * (1 + 1e-12))
      #expect(step.level.alpha <= max(above.alpha, below.alpha) * (1 + 1e-12))
    }
  }

  @Test("a flow stays a flow, and variance stays preserved")
  func processes() {
    let flow = FlowSchedule().make().step(sigmaOverAlpha: 0.7).level
    #expect(isClose(flow.alpha + flow.sigma, 1, relative: 1e-12))
    for schedule in [Schedule.linear(), ContinuousSchedule().make()] {
      let level = schedule.step(sigmaOverAlpha: 0.7).level
      #expect(isClose(level.alpha * level.alpha + level.sigma * level.sigma, 1, relative: 1e-12))
    }
    #expect(Schedule.logLinear().step(sigmaOverAlpha: 0.7).level == NoiseLevel(sigma: 0.7))
  }

  @Test("beyond the ends the place stops")
  func ends() {
    let schedule = Schedule.logLinear()
    #expect(schedule.step(sigmaOverAlpha: 1e-6).timestep == 0)
    #expect(schedule.step(sigmaOverAlpha: 1e-6).level.sigma == 1e-6)
    #expect(schedule.step(sigmaOverAlpha: 1e6).timestep == 199)
  }

  @Test("steps between levels begin at a level without signal, and end clean")
  func withoutSignal() {
    for spacing in [StepSpacing.karras, .logSNR] {
      for n in [1, 2, 5] {
        let steps = LinearSchedule.endless.steps(n, spacing: spacing)
        #expect(steps.count == n + 1 && steps.last == .clean)
        #expect(steps[0].index == 999)
        #expect(
          zip(steps, steps.dropFirst()).allSatisfy {
            $0.level.sigmaOverAlpha > $1.level.sigmaOverAlpha
          })
      }
    }
  }
}

extension LinearSchedule {
  /// One whose last level keeps no signal.
  static var endless: Schedule {
    var linear = LinearSchedule()
    linear.zeroSNR = true
    return linear.make()
  }
}

@Suite("Schedules of one's own")
struct CustomScheduleTests {
  @Test("log-SNR goes through its points and never rises between them")
  func points() throws {
    var custom = CustomSchedule()
    (custom.timesteps, custom.points) = (401, [10, 9.9, 0, -0.1, -8])
    let values = custom.make().levels.map(\.logSNR)
    for (index, point) in custom.points.enumerated() {
      #expect(isClose(values[index * 100], point, relative: 1e-9, absolute: 1e-9))
    }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
    custom.points = [6, 2, -2, -6]
    for (i, value) in custom.make().levels.map(\.logSNR).enumerated() {
      #expect(isClose(value, 6 - 12 * Double(i) / 400, absolute: 1e-9), "a straight line stays one")
    }
    custom.points = [3, 3, -3]
    #expect(
      custom.conflict?.description == "points do not decrease; expected each below the one before")
  }

  @Test("numbers of a file are the levels, and what cannot be is said")
  func file() throws {
    try withTemporaryFolder { try checkFile("\($0)/levels.txt") }
  }

  private func checkFile(_ path: String) throws {
    try put("# mine\n0.1, 0.2\n0.5 0.9\n", path)
    var custom = ScheduleConfiguration(CustomSchedule())
    try custom.set("file", to: .text(path))
    #expect(custom.timesteps == 4)
    #expect(try custom.make() == Schedule(.betas([0.1, 0.2, 0.5, 0.9])))
    try custom.set("numbers", to: .text("sigmas"))
    #expect(try custom.make() == Schedule(.sigmas([0.1, 0.2, 0.5, 0.9])))
    try custom.set("numbers", to: .text("alpha-bars"))
    #expect(custom.conflict?.description.contains("alpha-bars that decrease") == true)
    try put("0.1 zero", path)
    #expect(throws: SettingError.because("\(path): has “zero” in line 1; expected a number.")) {
      try custom.set("file", to: .text(path))
    }
    #expect(throws: SettingError.self) { try custom.set("file", to: .text("/nowhere")) }
  }
}

@Suite("Presets of schedules")
struct SchedulePresetTests {
  static let families = Schedules.all.filter { !presets(of: $0).isEmpty }.map {
    ScheduleConfiguration($0)
  }

  static func presets(of family: any ScheduleFamily) -> [SchedulePreset] {
    (type(of: family) as? any KnownSchedule.Type)?.presets ?? []
  }

  @Test("each sets its values, and is known by them", arguments: families)
  func values(_ family: ScheduleConfiguration) throws {
    for preset in Self.presets(of: family.value) {
      var configuration = family
      try configuration.set("preset", to: .text(preset.name))
      for (key, value) in preset.values { #expect(configuration.value(of: key) == value) }
      #expect(configuration.value(of: "preset") == .text(preset.name))
      _ = try configuration.make()
    }
  }

  @Test("values of one's own have no name, and stand beside a preset in a recipe")
  func beside() throws {
    var configuration = ScheduleConfiguration(KarrasSchedule())
    #expect(configuration.value(of: "preset") == .text("edm"))
    try configuration.set("rho", to: .real(3))
    #expect(configuration.value(of: "preset") == nil)
    let lines = """
      [data]
      source = "swissroll"
      [network]
      kind = "mlp"
      [schedule]
      family = "log-linear"
      timesteps = 77
      preset = "ve"
      sigma_max = 12.0
      """
    let recipe = try Recipe(lines, name: "mine", path: "mine.toml")
    #expect(recipe.schedule.value(of: "sigma_max") == .real(12))
    #expect(recipe.schedule.value(of: "sigma_min") == .real(0.01))
    #expect(recipe.schedule.timesteps == 77)
    let option = RecipeOverride(
      RecipeKey("schedule", "preset"), .text("ncsn"), option: "--set")
    let other = try Recipe(lines, name: "mine", path: "mine.toml", overrides: [option])
    #expect(other.schedule.value(of: "sigma_max") == .real(1))
    #expect(try Recipe(other.text, name: "mine", path: "mine.toml").schedule == other.schedule)
  }

  @Test("ends that cannot be are refused in a sentence")
  func conflicts() {
    var karras = KarrasSchedule()
    (karras.sigmaMin, karras.sigmaMax) = (2, 2)
    #expect(karras.conflict?.description == "sigma_min is 2; expected a value below sigma_max = 2")
    var linear = LinearSchedule()
    (linear.isScaled, linear.timesteps) = (true, 10)
    #expect(
      linear.conflict?.description
        == "scaled raises beta_end to 2; expected a value below 1, so timesteps = 21 or more"
    )
  }
}

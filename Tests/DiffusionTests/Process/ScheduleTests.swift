import Diffusion
import Testing

@Suite("Schedules")
struct ScheduleTests {
  /// Values of PyTorch programs, which compute them in float32.
  struct Spot: Sendable, CustomTestStringConvertible {
    let name: String
    let schedule: Schedule
    let betas: [Double]
    let alphaBars: [Double]
    let sigmas: [Double]

    var testDescription: String { name }
  }

  static let spots = [
    Spot(
      name: "linear", schedule: .linear(), betas: [1e-4, 0.01005996, 0.02],
      alphaBars: [0.9999, 0.07779666, 4.0358325e-5], sigmas: [0.01000133, 3.4429669, 157.40723]),
    Spot(
      name: "scaled-linear", schedule: ScaledLinearSchedule().make(),
      betas: [8.5e-4, 0.0048149545, 0.012],
      alphaBars: [0.99915, 0.27633256, 0.0046600895],
      sigmas: [0.029167533, 1.6182793, 14.614655]),
    Spot(
      name: "cosine", schedule: .cosine(), betas: [4.1284224e-5, 0.0031556915, 0.999],
      alphaBars: [1 - 4.1284224e-5, 0.49228469, 2.428733e-9],
      sigmas: [0.0064271088, 1.0155516, 20291.311]),
  ]

  @Test("agree with PyTorch's at the first, middle and last level", arguments: spots)
  func spotValues(_ spot: Spot) {
    for (place, t) in [0, 500, 999].enumerated() {
      // A float32 ᾱ near 1 leaves few digits of 1 − ᾱ.
      let float32 = 3e-5 + 6e-8 / (1 - spot.alphaBars[place])
      #expect(isClose(spot.schedule.betas[t], spot.betas[place], relative: float32))
      #expect(isClose(spot.schedule.alphaBars[t], spot.alphaBars[place], relative: float32))
      #expect(isClose(spot.schedule.sigmas[t], spot.sigmas[place], relative: float32))
    }
  }

  @Test("log-linear grows by the same factor from one end to the other")
  func logLinear() {
    let schedule = Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)
    let expected = [0.01, 0.0103532, 0.0567243, 0.3217642, 1.8251835, 10]
    let found = [0, 1, 50, 100, 150, 199].map { schedule.sigmas[$0] }
    #expect(isClose(found, expected))
    #expect(!schedule.isVariancePreserving)
    #expect(schedule.levels.allSatisfy { $0.alpha == 1 })
  }

  @Test("every kind of definition has the same views", arguments: spots)
  func definitionsAgree(_ spot: Spot) {
    let byAlphaBars = Schedule(.alphaBars(spot.schedule.alphaBars))
    #expect(isClose(byAlphaBars.betas, spot.schedule.betas, relative: 1e-6))
    let bySigmas = Schedule(.sigmas(spot.schedule.sigmas))
    #expect(isClose(bySigmas.alphaBars, spot.schedule.alphaBars, relative: 1e-9))
    #expect(isClose(bySigmas.betas, spot.schedule.betas, relative: 1e-6))
    #expect(isClose(bySigmas.snrs, spot.schedule.snrs, relative: 1e-9))
  }

  @Test("noise grows from level to level, whatever the family", arguments: Schedules.names)
  func noiseGrows(_ family: String) throws {
    let configuration = try #require(ScheduleConfiguration(named: family))
    let schedule = try configuration.make()
    #expect(schedule.count == configuration.timesteps)
    #expect(zip(schedule.sigmas, schedule.sigmas.dropFirst()).allSatisfy { $0 < $1 })
    if schedule.isVariancePreserving {
      #expect(schedule.levels.allSatisfy { isClose($0.alpha * $0.alpha + $0.sigma * $0.sigma, 1) })
    }
  }

  @Test("the terminal signal-to-noise ratio tells how much signal the last level keeps")
  func terminalSNR() {
    #expect(isClose(Schedule.linear().terminalSNR, 4.0358325e-5, relative: 1e-4))
    // Fifty steps of the linear schedule leave a lot.
    #expect(Schedule.linear(timesteps: 50).terminalSNR > 1)
    #expect(Schedule.linear().endsInNoise && !Schedule.linear(timesteps: 50).endsInNoise)
    #expect(Schedule(.alphaBars([0.5, 0])).terminalSNR == 0)
  }
}

@Suite("Steps through a schedule")
struct ScheduleStepsTests {
  static func indices(_ n: Int, _ spacing: StepSpacing, offset: Int = 0) -> [Int] {
    Schedule.linear().steps(n, spacing: spacing, offset: offset).compactMap(\.index)
  }

  @Test("trailing and smalldiffusion's selection start at the top")
  func trailing() {
    let seven = [999, 856, 713, 570, 428, 285, 142]
    #expect(Self.indices(7, .sampleSigmas) == seven + [0])
    #expect(Self.indices(7, .trailing) == seven)
    #expect(Self.indices(1000, .trailing) == Array((0..<1000).reversed()))
  }

  @Test("leading counts up from the offset")
  func leading() {
    #expect(Self.indices(5, .leading, offset: 1) == [801, 601, 401, 201, 1])
    #expect(Self.indices(10, .leading) == [900, 800, 700, 600, 500, 400, 300, 200, 100, 0])
  }

  @Test("linspace includes both ends")
  func linspace() {
    let schedule = Schedule.linear(timesteps: 4000)
    let found = schedule.steps(10, spacing: .linspace).compactMap(\.index)
    #expect(found == [3999, 3555, 3110, 2666, 2222, 1777, 1333, 889, 444, 0])
    #expect(Self.indices(1, .linspace) == [999])
  }

  @Test("smalldiffusion's selections from two schedules")
  func selectedSigmas() {
    let linear = [
      157.40723, 60.271404, 25.528479, 11.939519, 6.1352096, 3.4241366, 2.0308516, 1.2339286,
      0.71927887, 0.33882913, 0.01000133,
    ]
    let scaled = [
      14.6146555, 8.302811, 5.087767, 3.321085, 2.2764637, 1.6128867, 1.1605788, 0.8298596,
      0.5692852, 0.3416743, 0.0291675,
    ]
    func sigmas(_ schedule: Schedule) -> [Double] {
      schedule.steps(10, spacing: .sampleSigmas).map(\.level.sigmaOverAlpha)
    }
    // The smallest suffer from float32 there.
    #expect(isClose(sigmas(.linear()), linear, absolute: 1e-6))
    #expect(isClose(sigmas(ScaledLinearSchedule().make()), scaled, absolute: 1e-6))
  }

  @Test("any number of steps falls without repeating", arguments: StepSpacing.allCases)
  func anyNumber(_ spacing: StepSpacing) {
    for count in [2, 7, 50, 1000] {
      let schedule = Schedule.linear(timesteps: count)
      for n in 1...count where n < 60 || n > 990 {
        let steps = schedule.steps(n, spacing: spacing)
        #expect(steps.count == n + 1)
        let taken = steps.dropLast().map(\.timestep)
        #expect(taken.count == n)
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0 > $1 })
        #expect(steps.last?.index == (spacing == .sampleSigmas ? 0 : nil))
      }
    }
  }

  @Test("a path over chosen levels goes through exactly these")
  func chosen() {
    let steps = Schedule.linear().steps(at: [900, 17, 3])
    #expect(steps.map(\.timestep) == [900, 17, 3, -1])
    #expect(steps.last == .clean)
  }
}

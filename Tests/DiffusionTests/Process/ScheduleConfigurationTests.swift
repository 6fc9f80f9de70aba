import Diffusion
import Testing

@Suite("Schedule configurations")
struct ScheduleConfigurationTests {
  @Test("a family by its name makes its default")
  func defaults() throws {
    func made(_ name: String) throws -> Schedule {
      try #require(ScheduleConfiguration(named: name)).make()
    }
    #expect(try made("linear") == .linear())
    #expect(try made("scaled-linear") == .scaledLinear())
    #expect(try made("cosine") == .cosine())
    #expect(try made("log-linear") == .logLinear())
  }

  @Test("values reach the schedule")
  func values() throws {
    var configuration = ScheduleConfiguration(LogLinearSchedule())
    try configuration.set("timesteps", to: .integer(10))
    try configuration.set("sigma_min", to: .real(0.5))
    try configuration.set("sigma_max", to: .integer(4))
    #expect(
      try configuration.make() == .logLinear(timesteps: 10, sigmaMin: 0.5, sigmaMax: 4))
  }

  @Test("a start above the end is said with both values")
  func conflict() throws {
    var configuration = ScheduleConfiguration()
    try configuration.set("beta_start", to: .real(0.05))
    let error = #expect(throws: SettingConflict.self) { try configuration.make() }
    #expect(error?.description == "beta_start = 0.05 must not be above beta_end = 0.02.")
    #expect(error?.keys == ["beta_start", "beta_end"])
  }

  @Test("what is no number or out of range is refused, and nothing changes")
  func refused() {
    for value: SettingValue in [.real(.nan), .real(0.9), .text("x"), .flag(true)] {
      var configuration = ScheduleConfiguration()
      #expect(throws: SettingProblem.notAllowed) { try configuration.set("beta_start", to: value) }
      #expect(configuration == ScheduleConfiguration())
    }
  }

  @Test("another family begins with its own defaults, but keeps the number of levels")
  func otherFamily() throws {
    var configuration = ScheduleConfiguration()
    try configuration.set("timesteps", to: .integer(50))
    try configuration.set("beta_end", to: .real(0.4))
    try configuration.set("family", to: .text("scaled-linear"))
    #expect(configuration.timesteps == 50)
    #expect(configuration.value(of: "beta_end") == .real(0.012))
  }
}

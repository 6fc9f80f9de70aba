import Diffusion
import Testing

@Suite("Schedule configurations")
struct ScheduleConfigurationTests {
  @Test("an empty description makes the family's default")
  func defaults() throws {
    #expect(try ScheduleConfiguration(.linear).make() == .linear())
    #expect(try ScheduleConfiguration(.scaledLinear).make() == .scaledLinear())
    #expect(try ScheduleConfiguration(.cosine).make() == .cosine())
    #expect(try ScheduleConfiguration(.logLinear).make() == .logLinear())
  }

  @Test("values reach the schedule")
  func values() throws {
    let configuration = ScheduleConfiguration(
      .logLinear, timesteps: 10, values: ["sigma_min": 0.5, "sigma_max": 4])
    #expect(
      try configuration.make() == .logLinear(timesteps: 10, sigmaMin: 0.5, sigmaMax: 4))
    let cosine = ScheduleConfiguration(.cosine, values: ["s": 0.1, "max_beta": 0.5])
    #expect(try cosine.make() == .cosine(s: 0.1, maxBeta: 0.5))
  }

  @Test("what is wrong is said with the key, the value and what is allowed")
  func errors() {
    func sentence(_ configuration: ScheduleConfiguration) -> String? {
      do throws(ScheduleError) {
        _ = try configuration.make()
        return nil
      } catch {
        return error.description
      }
    }
    let linear = ScheduleConfiguration(.linear)
    #expect(
      sentence(linear.setting("beta_start", to: 0.9)) == "beta_start = 0.9 is outside 1e-06 to 0.5."
    )
    #expect(
      sentence(linear.setting("beta_start", to: 0.05))
        == "beta_start = 0.05 must not be above beta_end = 0.02.")
    #expect(
      sentence(linear.setting("sigma_min", to: 1))
        == "A linear schedule has no parameter sigma_min; it has timesteps, beta_start and beta_end."
    )
    #expect(sentence(linear.setting("timesteps", to: 1)) == "timesteps = 1 is outside 2 to 10000.")
    #expect(sentence(linear.setting("timesteps", to: .nan)) != nil)
    #expect(sentence(linear.setting("beta_end", to: .nan)) != nil)
    #expect(
      sentence(ScheduleConfiguration(.logLinear, values: ["sigma_min": 5, "sigma_max": 1])) != nil)
    #expect(sentence(linear) == nil)
  }

  @Test("every key press can be undone by the opposite one", arguments: ScheduleFamily.allCases)
  func steppingBack(_ family: ScheduleFamily) {
    let configuration = ScheduleConfiguration(family)
    for key in ["timesteps"] + family.parameters.map(\.key) {
      let start = configuration[key]
      for presses in [1, 2, 5] {
        let up = configuration.adjusting(key, by: presses)
        #expect(up[key] ?? 0 > start ?? 0, "\(key)")
        if key == "max_beta" { continue }  // its default lies next to the end of its range
        #expect(up.adjusting(key, by: -presses)[key] == start, "\(key)")
        var down = configuration
        for _ in 0..<presses { down = down.adjusting(key, by: -1) }
        #expect(down[key] == configuration.adjusting(key, by: -presses)[key], "\(key)")
      }
    }
  }

  @Test("no number of key presses makes a schedule invalid", arguments: ScheduleFamily.allCases)
  func steppingFar(_ family: ScheduleFamily) throws {
    for key in ["timesteps"] + family.parameters.map(\.key) {
      for presses in [-1, 1, -40, 40, -5000, 5000] {
        let configuration = ScheduleConfiguration(family).adjusting(key, by: presses)
        #expect(throws: Never.self, "\(key) by \(presses)") { try configuration.make() }
      }
    }
  }

  @Test("a value off the grid goes to the next one on it")
  func offGrid() {
    let configuration = ScheduleConfiguration(.cosine).setting("s", to: 0.0123)
    #expect(configuration.adjusting("s", by: 1)["s"] == 0.013)
    #expect(configuration.adjusting("s", by: -1)["s"] == 0.012)
  }

  @Test("resetting brings the default back")
  func resetting() {
    let configuration = ScheduleConfiguration(.linear).adjusting("beta_end", by: 3)
    #expect(configuration["beta_end"] != 0.02)
    #expect(configuration.resetting("beta_end") == ScheduleConfiguration(.linear))
  }

  @Test("every parameter's default lies in its range", arguments: ScheduleFamily.allCases)
  func ranges(_ family: ScheduleFamily) {
    #expect(family.parameters.allSatisfy { $0.range.contains($0.defaultValue) })
  }
}

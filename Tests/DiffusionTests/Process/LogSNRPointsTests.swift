import Testing

@testable import Diffusion

@Suite("Points of log-SNR")
struct LogSNRPointsTests {
  @Test("a point moves between its neighbours, and the ends within the range")
  func moved() {
    var points = LogSNRPoints([9, 4, 0, -4, -9])
    points.move(2, to: 1.234)
    #expect(points.values == [9, 4, 1.23, -4, -9])
    points.move(2, to: 40)
    #expect(points.values == [9, 4, 3.95, -4, -9])
    points.move(2, to: -40)
    #expect(points.values == [9, 4, -3.95, -4, -9])
    points.move(0, to: 40)
    points.move(4, to: -40)
    #expect(points.values == [30, 4, -3.95, -4, -30])
    points.move(0, to: -40)
    #expect(points.values == [4.05, 4, -3.95, -4, -30])
    var near = LogSNRPoints([1, 0.99, 0.98])
    near.move(1, to: 5)
    #expect(near.values == [1, 0.99, 0.98], "there is no room between the neighbours")
  }

  @Test("more or fewer points stay on the curve, from 2 to 32 of them")
  func resampled() {
    let line = LogSNRPoints([6, 0, -6])
    #expect(line.resampled(5)?.values == [6, 3, 0, -3, -6])
    #expect(line.resampled(2)?.values == [6, -6])
    #expect(line.resampled(1) == nil)
    #expect(line.resampled(33) == nil)
    #expect(line.resampled(32)?.values.count == 32)
    #expect(LogSNRPoints([0.01, 0]).resampled(3) == nil, "hundredths leave no room")
  }

  @Test("the custom family follows every other at its points", arguments: Schedules.all)
  func followed(_ family: any ScheduleFamily) {
    guard !(family is CustomSchedule) else { return }
    let schedule = family.make()
    var custom = CustomSchedule()
    custom.follow(schedule)
    #expect(custom.conflict == nil)
    #expect(custom.timesteps == schedule.count)
    let finite = schedule.levels.map(\.logSNR).filter(\.isFinite)
    for (index, point) in custom.points.enumerated() {
      let place = Double(schedule.count - 1) * Double(index) / 4
      let value = min(
        max(schedule.step(timestep: place).level.logSNR, finite.last ?? 0), finite.first ?? 0)
      #expect(abs(point - min(max(value, -30), 30)) <= 0.005 + 1e-9)
    }
  }

  @Test("an end without signal takes the nearest level that has some; a flat curve none")
  func ends() throws {
    var linear = LinearSchedule()
    linear.zeroSNR = true
    let schedule = linear.make()
    let last = try #require(LogSNRPoints(along: schedule, count: 5)?.values.last)
    #expect(abs(last - schedule[schedule.count - 2].logSNR) <= 0.005)
    let flat = Schedule(.sigmas([1, 1, 1]))
    #expect(LogSNRPoints(along: flat, count: 3) == nil)
    var custom = CustomSchedule()
    custom.follow(flat)
    #expect(custom == CustomSchedule())
  }
}

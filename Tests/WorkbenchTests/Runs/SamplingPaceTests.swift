import Diffusion
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Workbench

@Suite("Previews beside training")
struct SamplingPaceTests {
  /// What a run reports; its first frame waits until it is let go.
  private final class Reports: Sendable {
    private let events = Mutex<[String]>([])
    private let first = DispatchSemaphore(value: 0)
    let gate = DispatchSemaphore(value: 0)
    private let isOpen = Mutex(false)

    func take(_ event: SamplingEvent) {
      switch event {
      case .frame(let number, _):
        events.withLock { $0.append("\(number)") }
        if isOpen.withLock({ $0 }) { return }
        first.signal()
        gate.wait()
        isOpen.withLock { $0 = true }
      case .finished(let number): events.withLock { $0.append("end of \(number)") }
      case .failed(let number, _): events.withLock { $0.append("failure of \(number)") }
      }
    }

    func waitForFirstFrame() { first.wait() }
    var all: [String] { events.withLock { $0 } }
    var ends: [String] { all.filter { Int($0) == nil } }
  }

  private static func request(_ number: Int, steps: Int = 6) throws -> SamplingRequest {
    SamplingRequest(
      number: number, model: try Model.initial(.tiny()),
      schedule: ScheduleConfiguration(LogLinearSchedule()),
      sampling: SamplingConfiguration(DDIM(steps: steps), count: 2))
  }

  /// Asks for more while the first frame of request 1 is held back.
  private func reports(
    _ pace: Pace, _ meanwhile: (SamplingRun) throws -> Void
  ) throws -> Reports {
    let reports = Reports()
    let run = SamplingRun(name: "preview", pace: pace) { reports.take($0) }
    run.start(try Self.request(1))
    reports.waitForFirstFrame()
    try meanwhile(run)
    reports.gate.signal()
    #expect(run.waitUntilDone(.now() + 20))
    return reports
  }

  private static func pace() -> Pace {
    let pace = Pace(rest: 0)
    pace.yields(true)
    return pace
  }

  @Test("while training goes on, newer weights wait for the preview in progress")
  func waiting() throws {
    let reports = try reports(Self.pace()) { run in
      run.start(try Self.request(2))
      run.start(try Self.request(3))
    }
    #expect(reports.ends == ["end of 1", "end of 3"])
    #expect(!reports.all.contains("2"))
  }

  @Test("other settings end the preview in progress at once")
  func otherSettings() throws {
    let reports = try reports(Self.pace()) { $0.start(try Self.request(2, steps: 4)) }
    #expect(reports.ends == ["end of 2"])
    #expect(reports.all.count { $0 == "1" } == 1)
  }

  @Test("once training pauses, the newest weights end the preview in progress")
  func pausing() throws {
    let pace = Self.pace()
    let reports = try reports(pace) { run in
      run.start(try Self.request(2))
      pace.yields(false)
    }
    #expect(reports.ends == ["end of 2"])
  }

  @Test("what is cancelled says so, and a later request is met")
  func cancelling() throws {
    let reports = try reports(Self.pace()) { run in
      run.cancel()
      run.start(try Self.request(2))
    }
    #expect(reports.ends.last == "end of 2")
  }

  @Test("a rest ends when it is woken, and none begins after a wake during the work")
  func rests() {
    let pace = Pace(rest: 1)
    pace.yields(true)
    let clock = ContinuousClock()
    // What woke nobody ends no later rest.
    pace.wake()
    let earlier = pace.wakes
    #expect(
      clock.measure { pace.rest(after: 0.05, unlessWokenSince: earlier) } >= .milliseconds(50))
    let wakes = pace.wakes
    pace.wake()
    #expect(clock.measure { pace.rest(after: 5, unlessWokenSince: wakes) } < .seconds(1))
  }
}

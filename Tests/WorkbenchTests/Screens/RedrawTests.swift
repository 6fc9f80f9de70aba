import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// How long the screens take to be drawn in full at 200×60; `scripts/verify screens` prints the table.
@Suite(
  "Redraw times", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["WORKBENCH_VERIFY"] == "1"))
struct RedrawTests {
  private static let limit = 4.0

  @Test("no redraw takes more than 4 ms", arguments: Stage.Play.allCases)
  func time(_ play: Stage.Play) throws {
    let stages: [(name: String, stage: Stage, key: (Int) -> Key)] = [
      ("Train", try .training(play, measured: true), { $0 % 2 == 0 ? .left : .right }),
      ("Denoise", try .denoising(play), { $0 % 2 == 0 ? .left : .right }),
      ("Schedule", try .scheduling(play), { $0 % 2 == 0 ? .left : .right }),
      ("A/B", try .comparing(play), { $0 % 2 == 0 ? .left : .right }),
      ("Inside", try .lookingInside(play), { $0 % 2 == 0 ? "<" : ">" }),
      ("Runs", try .listing(play), { $0 % 2 == 0 ? .up : .down }),
    ]
    for (name, stage, key) in stages {
      var stage = stage
      _ = stage.drawn(200, 60)
      let times = (0..<40).map { index in
        stage.press(key(index))
        let clock = ContinuousClock()
        return clock.measure { _ = stage.drawn(200, 60) } / .milliseconds(1)
      }.sorted()
      let (median, worst) = (times[times.count / 2], times[times.count - 1])
      print(
        "| \(name), \(play.rawValue) | \(Numbers.short(median)) ms | \(Numbers.short(worst)) ms |")
      #expect(median <= Self.limit, "\(name), \(play)")
    }
  }
}

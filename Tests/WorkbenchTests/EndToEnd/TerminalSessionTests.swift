import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

/// The built program in a real terminal, as a person uses it.
@Suite("Sessions in a terminal", .serialized)
struct TerminalSessionTests {
  /// Opens the screens on points, in the folder `run`; big networks make checkpoints take longer.
  static let open =
    "\"$WORKBENCH\" swissroll --run-dir run --steps 1000000000"

  func inTerminal(_ body: (Tmux, RunFolder) throws -> Void) throws {
    guard Tmux.isInstalled else {
      Issue.record("tmux is missing, so the program was not tried in a terminal")
      return
    }
    try withFolder { folder in
      let terminal = try Tmux(in: folder)
      defer { terminal.kill() }
      try body(terminal, RunFolder(path: folder + "/run"))
    }
  }

  /// The number behind the first `label` on the screen.
  private func number(after label: String, in screen: String) -> Int? {
    // The word may stand elsewhere too: the one with digits behind it is meant.
    for place in screen.ranges(of: label) {
      let digits = screen[place.upperBound...].drop { $0 == " " }
        .prefix { $0.isNumber || $0 == "," }
      if let number = Int(digits.filter { $0 != "," }) { return number }
    }
    return nil
  }

  @Test("start, pause, scrub, change the schedule, resize, suspend, leave, and go on later")
  func wholeSession() throws {
    try inTerminal { terminal, run in
      try terminal.command(Self.open)
      try terminal.wait("● training", "smoothed 0.", "EMA at step")
      try terminal.wait("a curve of the loss") { screen in
        let rows = screen.split(separator: "\n").dropFirst(2).prefix(10)
        return rows.contains { row in
          row.unicodeScalars.prefix(50).contains { (0x2801...0x28FF).contains($0.value) }
        }
      }

      try terminal.press("p")
      let paused = try terminal.wait("‖ paused")
      let step = try #require(number(after: "▏ step", in: paused))
      #expect(step > 0)

      try terminal.press("2")
      try terminal.wait("frame 20 / 20")
      try terminal.press("Left")
      try terminal.wait("frame 19 / 20")
      try terminal.press("Home")
      try terminal.wait("frame  0 / 20", "t  199")
      try terminal.press("Right")
      try terminal.press("Right")
      try terminal.wait("frame  2 / 20")

      try terminal.press("3")
      try terminal.wait("log-linear", "terminal SNR", "200")
      try terminal.press("Down")
      try terminal.press("Right")
      try terminal.wait("210", "use for training")
      try terminal.press("a")
      try terminal.wait("sampling with the log-linear schedule", "frame 20 / 20")
      try terminal.press("Home")
      try terminal.wait("frame  0 / 20", "t  209")

      try terminal.press("3")
      try terminal.wait("use for training")
      try terminal.press("A")
      try terminal.wait("training with the log-linear schedule from step", "used for training")
      let changes = try JSONLines.read(run.metricsPath, as: StepRecord.self).compactMap(\.change)
      #expect(changes.count == 1)
      #expect(changes.first?.contains("210") == true)

      try terminal.resize(80, 24)
      try terminal.wait("the help line at row 24") { screen in
        screen.split(separator: "\n", omittingEmptySubsequences: false).prefix(24).last?
          .contains("quit") == true
      }
      try terminal.resize(40, 12)
      try terminal.wait("log-linear") { screen in
        screen.contains("used for sampling")
          && screen.split(separator: "\n").allSatisfy { $0.count <= 40 }
      }
      try terminal.resize(30, 8)
      try terminal.wait("40×12")
      try terminal.resize(120, 40)
      try terminal.wait("noise curves", "Diffusion Workbench")

      try terminal.press("p")
      try terminal.wait("● training")
      try terminal.press("C-z")
      try terminal.wait("Stopped", "ready>")
      try terminal.command("echo still $((40 + 2))")
      try terminal.wait("still 42")
      try terminal.command("fg")
      try terminal.wait("● training", "noise curves")

      try terminal.press("q")
      try terminal.wait("quit?")
      try terminal.press("Enter")
      try expectRestored(terminal)
      let left = try run.checkpoint()
      #expect(left.state.step > step)
      #expect(left.changes.count == 1)

      try terminal.command("clear; \"$WORKBENCH\" --resume run")
      try terminal.wait("● training", "Diffusion Workbench")
      try terminal.press("p")
      let resumed = try terminal.wait("‖ paused", "step")
      #expect(try #require(number(after: "▏ step", in: resumed)) >= left.state.step)
      // Paused, there is nothing to ask.
      try terminal.press("q")
      try expectRestored(terminal)
      #expect(try run.checkpoint().state.step >= left.state.step)
    }
  }

  /// The shell is back: its prompt, its echo, its cooked lines, and none of our screen.
  func expectRestored(_ terminal: Tmux) throws {
    try terminal.wait("the prompt") { screen in
      screen.split(separator: "\n").last?.hasPrefix("ready>") == true
        && !screen.contains("Diffusion Workbench")
    }
    // Written so that the answer differs from its echo, and both must appear.
    try terminal.command(
      "stty -a | grep -ow -e '[-]*icanon' -e '[-]*echo' | tr '\\n' +; echo \"o\"k")
    try terminal.wait("icanon+echo+ok", "echo \"o\"k")
    #expect(try !terminal.screen().contains("-icanon"))
  }

  @Test("from an empty folder to a run, back to the list, into another run and its samples")
  func runs() throws {
    try inTerminal { terminal, _ in
      try terminal.command("\"$WORKBENCH\" runs")
      try terminal.wait("no runs yet", "new run", "compare-cnn")
      // The last recipe of the list but two.
      try terminal.press("n", "End", "Up", "Up", "Enter")
      try terminal.wait("● training", "smoothed 0.", "EMA at step")
      try terminal.press("w")
      try terminal.wait("checkpoint at step")
      try terminal.press("4")
      try terminal.wait("●  swissroll-", "loss", "samples")
      try terminal.press("n", "Up", "Up", "Enter")
      try terminal.wait("● training", "sine", "smoothed 0.")
      try terminal.press("4")
      try terminal.wait("○  swissroll-", "  sine-")
      // Both were written in the same second, so that either may be the first; what is on the screen
      // right after a key may still be from before it.
      for key in ["Home", "Down", "Home", "Down"] {
        try terminal.press(key)
        usleep(1_000_000)
        if try terminal.screen().contains("▸   ○  swissroll-") { break }
      }
      try terminal.wait("▸   ○  swissroll-")
      try terminal.press("Enter")
      try terminal.wait("‖ paused", "swissroll", "EMA at step")
      try terminal.press("2")
      try terminal.wait("predicted x_0", "frame 20 / 20")
      try terminal.press("q")
      try expectRestored(terminal)
    }
  }

  @Test("a diffusers folder opens on its samples, trains nothing and leaves no files")
  func foreignFolder() throws {
    try inTerminal { terminal, run in
      let fixtures = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").path
      try terminal.command("\"$WORKBENCH\" \(fixtures)/diffusers-tiny")
      try terminal.wait("predicted x_0", "ddpm", "1,000", "EMA at s", "✓ complete")
      try terminal.press("1")
      try terminal.wait("this model is already trained")
      try terminal.press("q")
      try expectRestored(terminal)
      #expect(!FileManager.default.fileExists(atPath: run.path))
      #expect(!FileManager.default.fileExists(atPath: run.path + "s"))
    }
  }

  @Test("SIGTERM where there is no run ends at once")
  func terminatedWithoutRun() throws {
    try inTerminal { terminal, run in
      try terminal.command("(echo $BASHPID > pid; exec \"$WORKBENCH\" runs); echo \"status\"=$?")
      try terminal.wait("no runs yet")
      kill(try process(beside: run), SIGTERM)
      try terminal.wait("status=143")
    }
  }

  @Test("a connection that drops while training saves")
  func dropped() throws {
    try inTerminal { terminal, run in
      try terminal.command(Self.open)
      try terminal.wait("● training", "smoothed 0.")
      #expect(throws: (any Error).self) { try run.checkpoint() }
      terminal.kill()
      let end = Date.now + Tmux.patience
      while (try? run.checkpoint()) == nil, Date.now < end { usleep(40_000) }
      #expect(try run.checkpoint().state.step > 0)
    }
  }

  @Test("after a crash the next start offers to go on; a run opens by its path, paused")
  func interrupted() throws {
    try inTerminal { terminal, run in
      try terminal.command(
        "(echo $BASHPID > pid; exec \"$WORKBENCH\" swissroll --steps 1000000000)")
      try terminal.wait("● training", "smoothed 0.")
      try terminal.press("w")
      try terminal.wait("checkpoint at step")
      kill(try process(beside: run), SIGKILL)
      try terminal.wait("ready>")
      try terminal.command("reset; clear; \"$WORKBENCH\"")
      try terminal.wait("was interrupted", "It was saved at step", "start digits instead")
      try terminal.press("Enter")
      try terminal.wait("● training", "swissroll")
      try terminal.press("q")
      try terminal.wait("quit?")
      try terminal.press("Enter")
      try terminal.wait("resume it with workbench --resume runs/swissroll-")
      try terminal.command("clear; \"$WORKBENCH\" runs/swissroll-*")
      try terminal.wait("‖ paused", "swissroll", "EMA at step")
      try terminal.press("M", "q")
      try terminal.wait("of 1,000,000,000")
      try expectRestored(terminal)
    }
  }

  func process(beside run: RunFolder) throws -> pid_t {
    let file = URL(filePath: run.path).deletingLastPathComponent().appending(path: "pid")
    let text = try String(contentsOf: file, encoding: .utf8)
    return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  @Test("kill -9 at any instant, also while it is being written, leaves a whole checkpoint")
  func killed() throws {
    var random = SystemRandomNumberGenerator()
    var last = 0
    try withFolder { folder in
      let run = RunFolder(path: folder + "/run")
      for round in 0..<5 {
        guard Tmux.isInstalled else {
          Issue.record("tmux is missing, so the program was not killed in a terminal")
          return
        }
        let terminal = try Tmux(in: folder)
        defer { terminal.kill() }
        // A network whose checkpoint of some megabytes takes a while to write.
        let how =
          round == 0
          ? "\(Self.open) --set 'network.hidden=[384, 384, 384]'" : "\"$WORKBENCH\" --resume run"
        try terminal.command("(echo $BASHPID > pid; exec \(how))")
        try terminal.wait("● training", "smoothed 0.")
        try terminal.press("w")
        try terminal.wait("checkpoint at step")
        // From here on checkpoints follow one another without a pause.
        for _ in 0..<4 { try terminal.type(String(repeating: "w", count: 8)) }
        let instant = UInt32.random(in: 0..<250_000, using: &random)
        usleep(instant)
        kill(try process(beside: run), SIGKILL)
        // The shell's "Killed" may end up within an escape sequence that was cut off.
        try terminal.wait("ready>")

        let step = try run.checkpoint().state.step
        #expect(step >= last, "killed after \(instant) µs in round \(round)")
        last = step
      }
      // And it is a run like any other.
      let image = folder + "/samples.png"
      let sampled = try WorkbenchProgram.run(
        "sample", run.path, "--count", "4", "--out", image)
      #expect(sampled.status == 0, "\(sampled.errors)")
      #expect(FileManager.default.fileExists(atPath: image))
      let resumed = try WorkbenchProgram.run(
        "train", "--resume", run.path, "--steps", "\(last + 2)", "--format", "json")
      let steps = try resumed.lines.map { try JSON(parsing: String($0))["step"]?.integer }
      #expect(steps == [last + 1, last + 2], "\(resumed.errors)")
    }
  }
}

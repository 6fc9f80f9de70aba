import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// How the program ends, whatever it does at that moment, and what can keep it from starting.
extension TerminalSessionTests {
  @Test(
    "a signal while training saves, restores the terminal, and ends the program as that signal does",
    arguments: [SIGTERM, SIGUSR1, SIGALRM, SIGSYS])
  func signalled(_ number: Int32) throws {
    try inTerminal { terminal, run in
      try end(terminal, run, by: number)
      #expect(try run.checkpoint().state.step > 0)
    }
  }

  /// Trains, sends a signal, and waits until it has ended the program as it should.
  private func end(_ terminal: Tmux, _ run: RunFolder, by number: Int32) throws {
    try terminal.command("(echo $BASHPID > pid; exec \(Self.open)); echo \"status\"=$?")
    try terminal.wait("● training", "smoothed 0.")
    kill(try process(beside: run), number)
    try terminal.wait("status=\(128 + number)")
    try expectRestored(terminal)
  }

  @Test("a fault sent from outside ends the program, its terminal restored", arguments: [SIGSEGV])
  func faulted(_ number: Int32) throws {
    try inTerminal { terminal, run in try end(terminal, run, by: number) }
  }

  @Test("leaving under heavy previews takes less than a second, saves, and crashes nothing")
  func leavingUnderLoad() throws {
    try inTerminal { terminal, run in
      for round in 0..<5 {
        let folder = "\(run.path)-\(round)"
        try terminal.command(
          "clear; \"$WORKBENCH\" swissroll --steps 1000000000 --run-dir \(folder) "
            + "--set preview.interval=1 --set preview.steps=200 --set preview.count=1024; "
            + "echo \"status\"=$?")
        try terminal.wait("● training", "smoothed 0.")
        try terminal.press("q")
        try terminal.wait("quit?")
        let start = ContinuousClock.now
        try terminal.press("Enter")
        try terminal.wait("status=0")
        // Looking at the screen takes its time, too.
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(try RunFolder(path: folder).checkpoint().state.step > 0)
      }
      try expectRestored(terminal)
    }
  }

  @Test("nothing in a file of settings keeps the program from starting, or from being left")
  func anySettings() throws {
    try inTerminal { terminal, run in
      let folder = URL(filePath: run.path).deletingLastPathComponent()
        .appending(path: "config/diffusion-workbench")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appending(path: "settings.toml")
      let contents: [Data] = [
        Data("theme = \"gone\"\n".utf8), Data("theme = 3\nimages = [\"ascii\"]".utf8),
        Data("[".utf8), Data("[!x]".utf8), Data("x = 1979-05-27T:".utf8),
        Data([0xFF, 0xFE, 0, 10]), Data("theme = \"../../\\u001b[31m\"".utf8),
      ]
      for (round, content) in contents.enumerated() {
        try content.write(to: file)
        try terminal.command("clear; \"$WORKBENCH\" runs; echo \"status$?\"of\(round)")
        let screen = try terminal.wait("no runs yet")
        if round == 0 { #expect(screen.contains("using the dark theme")) }
        try terminal.press("q")
        try terminal.wait("status0of\(round)")
      }
      try FileManager.default.removeItem(at: file)
      #expect(mkfifo(file.path, 0o600) == 0)
      try terminal.command("clear; \"$WORKBENCH\" runs")
      try terminal.wait("no runs yet")
      try terminal.press("q")
      try expectRestored(terminal)
    }
  }
}

@Suite("What computes while the program ends")
struct EndingTests {
  @Test("previews end within a second, and none begins once the program leaves")
  func sampling() throws {
    let mailbox = Mailbox<Message>()
    let runner = EffectRunner(mailbox)
    let model = try Model.initial(.tiny())
    func request(_ number: Int) -> SamplingRequest {
      SamplingRequest(
        number: number, model: model, schedule: ScheduleConfiguration(LinearSchedule()),
        sampling: SamplingConfiguration(DDIM(steps: 1000), count: 1024))
    }
    func frames() -> Set<Int> {
      Set(
        mailbox.take().compactMap {
          if case .sampling(.frame(let number, _), _) = $0 { number } else { nil }
        })
    }
    for slot in ["a", "b"] { runner.carryOut(.sample(request(1), SampleSlot(slot))) }
    let deadline = ContinuousClock.now + .seconds(20)
    while frames().isEmpty, ContinuousClock.now < deadline { usleep(1000) }
    runner.carryOut(.stopAndQuit)
    for slot in ["a", "c"] { runner.carryOut(.sample(request(2), SampleSlot(slot))) }
    let start = ContinuousClock.now
    runner.finish()
    #expect(ContinuousClock.now - start < .seconds(1))
    #expect(!frames().contains(2))
    usleep(50_000)
    #expect(frames().isEmpty, "something goes on")
    // Who stays after all sees samples again.
    runner.carryOut(.stay)
    runner.carryOut(.sample(request(3), SampleSlot("a")))
    while frames().isEmpty, ContinuousClock.now < deadline { usleep(1000) }
    runner.finish()
  }
}

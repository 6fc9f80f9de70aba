import Axes
import Diffusion
import Foundation
import Testing

@testable import Workbench

/// Each lesson from its first step to its last in a real terminal, with what its claims say seen on the way.
///
/// In the suite, lessons wait for fewer steps of training and claim nothing about what is learned by then;
/// `scripts/verify lessons` runs them whole, within the minutes that they state.
@Suite("Lessons to their end", .serialized)
struct LessonRunTests {
  private static let isWhole = ProcessInfo.processInfo.environment["WORKBENCH_VERIFY"] != nil

  /// A lesson with the keys that do what its steps ask, by the number of the step: names as in tmux, `“…”` for
  /// what is typed, `?…` for what has to be seen before the next, and `~…` for a key that is pressed until the step
  /// is done.
  struct Script: Sendable, CustomTestStringConvertible {
    var name: String
    var keys: [Int: [String]]

    var testDescription: String { name }
  }

  /// The keys that go from the first choice of a catalogue, or from `start`, to another.
  private static func keys(from start: String, to name: String, in names: [String]) -> [String] {
    let way = (names.firstIndex(of: name) ?? 0) - (names.firstIndex(of: start) ?? 0)
    return Array(repeating: way < 0 ? "Left" : "Right", count: abs(way))
  }

  private static func typed(_ text: String) -> [String] { ["Enter", "C-u", "“\(text)”", "Enter"] }

  static let scripts: [Script] = [
    Script(
      name: "tour",
      keys: [
        4: ["Tab"], 5: ["~Home"], 6: ["~Right"],
        7: ["Tab"] + keys(from: "ddpm", to: "ddim", in: Samplers.names), 8: ["Right"],
      ]),
    Script(name: "a", keys: [2: ["~Space"], 4: ["S"], 5: ["~Home"], 6: ["~End"]]),
    Script(
      name: "b",
      keys: [
        3: ["~Home"], 4: ["Tab", "Down"] + typed("5") + ["BTab", "~End"],
        5: ["Tab", "Up"] + keys(from: "ddim", to: "gradient-estimation", in: Samplers.names),
        6: ["v"],
      ]),
    Script(
      name: "c",
      keys: [
        2: ["~v"], 3: ["Tab"] + keys(from: "ddim", to: "langevin", in: Samplers.names),
        4: ["Tab", "Tab"] + keys(from: "ddpm", to: "ddim", in: Samplers.names),
        5: ["n", "?▸ compare-cnn"]
          + Array(
            repeating: "Down",
            count: RecipeLibrary.entries().firstIndex { $0.name == "emoji" } ?? 0) + ["Enter"],
      ]),
    Script(
      name: "d",
      keys: [
        1: ["~Space"], 3: ["Tab", "Down", "Down", "Down", "Down"] + typed("100"),
        4: ["BTab", "Home"] + Array(repeating: "S-Right", count: 5),
        5: ["w", "?checkpoint at step", "F", "?fork of", "Down", "Down", "Down"]
          + typed("[\"Food & Drink\"]") + ["n"],
      ]),
  ]

  @Test("a lesson can be followed to its end, and what it claims is seen", arguments: scripts)
  func runs(_ script: Script) throws {
    guard Tmux.isInstalled else {
      Issue.record("tmux is missing, so the lesson was not tried in a terminal")
      return
    }
    try withFolder { folder in
      let lesson = try Self.lesson(script.name, in: folder)
      let terminal = try Tmux(in: folder)
      defer { terminal.kill() }
      let start = Date.now
      try terminal.command("\"$WORKBENCH\" lesson \(lesson.path)")
      for step in 1...lesson.steps {
        try terminal.wait("\(step) / \(lesson.steps) ─")
        let done = step == lesson.steps ? "enter end the lesson" : "enter go on"
        for key in script.keys[step] ?? [] { try Self.press(key, until: done, terminal) }
        try terminal.wait(
          "step \(step) of lesson \(script.name)", within: Self.isWhole ? 900 : Tmux.patience
        ) { $0.contains(done) && !$0.contains("≠") }
        try Self.goOn(from: "\(step) / \(lesson.steps) ─", done, terminal)
      }
      try terminal.wait("the end of the lesson") { !$0.contains("\(lesson.steps) / ") }
      // Asked whether to save what is still training.
      try terminal.press("q", "Enter")
      try terminal.wait("ready>")
      let minutes = start.distance(to: .now) / 60
      print(
        "| \(script.name) | \(lesson.steps) steps | \(Numbers.fixed(minutes, 1)) min | of \(lesson.minutes) |"
      )
      if Self.isWhole { #expect(minutes < Double(lesson.minutes)) }
    }
  }

  /// Leaves a step.
  ///
  /// A screen that was read half written may say that it is done before it is, so that the key does nothing.
  private static func goOn(from step: String, _ done: String, _ terminal: Tmux) throws {
    let end = Date.now + Tmux.patience
    while Date.now < end {
      try terminal.wait("that \(step) is done") { $0.contains(done) || !$0.contains(step) }
      try terminal.press("Enter")
      let soon = Date.now + 5
      while Date.now < soon {
        if try !terminal.screen().contains(step) { return }
        usleep(100_000)
      }
    }
  }

  private static func press(_ key: String, until done: String, _ terminal: Tmux) throws {
    let rest = String(key.dropFirst())
    switch key.first {
    case "“": try terminal.type(String(rest.dropLast()))
    case "?": try terminal.wait(rest)
    case "~":
      let end = Date.now + Tmux.patience
      while Date.now < end, try !terminal.screen().contains(done) {
        try terminal.press(rest)
        usleep(500_000)
      }
    default: try terminal.press(key)
    }
    // A person's keys come one by one, too.
    usleep(120_000)
  }

  /// The lesson's file, shortened unless it is run whole.
  private static func lesson(
    _ name: String, in folder: String
  ) throws -> (path: String, steps: Int, minutes: Int) {
    let original = try #require(LessonLibrary.path(of: name))
    let text = try String(contentsOfFile: original, encoding: .utf8)
    let lesson = try LessonLibrary.load(name)
    guard !isWhole else { return (name, lesson.steps.count, lesson.minutes) }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap {
      line -> String? in
      if line.hasPrefix("claim"), line.contains("Train.") || line.contains("Denoise.") {
        return nil
      }
      guard line.hasPrefix("wait"), line.contains("step >= ") else { return String(line) }
      return String(line.replacing(#/step >= \d+/#, with: "step >= 40"))
    }
    let path = folder + "/\(name).toml"
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return (path, lesson.steps.count, lesson.minutes)
  }
}

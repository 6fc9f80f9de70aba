import Diffusion
import TUI

/// A command of plain mode.
struct PlainCommand: Sendable {
  /// The word to type, and others that mean the same.
  let names: [String]
  /// What comes behind it, such as `KEY VALUE`.
  let arguments: String
  /// What it does, as a verb phrase.
  let help: String
  let group: String
  let run: @Sendable (inout PlainWorkbench, [String]) throws -> Void

  init(
    _ group: String, _ names: String..., arguments: String = "", help: String,
    run: @escaping @Sendable (inout PlainWorkbench, [String]) throws -> Void
  ) {
    (self.names, self.arguments, self.help, self.group) = (names, arguments, help, group)
    self.run = run
  }

  var usage: String { arguments.isEmpty ? names[0] : "\(names[0]) \(arguments)" }
}

/// Why a command does nothing, as the sentence to print.
struct PlainProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension PlainWorkbench {
  /// All commands, in the order in which help lists them.
  static let commands: [PlainCommand] =
    generalCommands + trainingCommands + settingCommands + samplingCommands + scheduleCommands
    + insideCommands + runCommands

  private static let generalCommands: [PlainCommand] = [
    PlainCommand(
      "General", "help", "?", arguments: "[COMMAND]", help: "list the commands, or explain one"
    ) { plain, words in try plain.help(words.first) },
    PlainCommand("General", "quit", "exit", help: "save the run and quit, as the end of input does")
    {
      plain, _ in plain.quit()
    },
    PlainCommand(
      "General", "log", arguments: "[COUNT]",
      help: "list the last notices with their times, 20 by default"
    ) { plain, words in
      let count = try plain.count(words.first, among: 1...200, standard: 20)
      for notice in plain.session.notices.suffix(count) {
        plain.say("\(WorkbenchApplication.clock(notice.time)) \(notice.text)")
      }
    },
    PlainCommand(
      "General", "quiet", arguments: "[on|off]",
      help: "say nothing about training until asked, or say it again"
    ) { plain, words in
      plain.isQuiet = try plain.flag(words.first, standard: !plain.isQuiet)
      plain.say(
        plain.isQuiet ? "quiet; only status reports on training" : "reporting on training again")
    },
    PlainCommand(
      "General", "every", arguments: "SECONDS", help: "report on training at this interval"
    ) { plain, words in
      guard let seconds = words.first else {
        throw PlainProblem("every: expected a number of seconds")
      }
      try plain.set("status_interval", typed: seconds)
    },
    PlainCommand(
      "General", "wait", arguments: "SECONDS|step N|end",
      help: "read no further command for so long, until that step, or until training ends"
    ) { plain, words in try plain.wait(for: words) },
  ]

  // MARK: Reading

  /// Does what a line says.
  mutating func run(_ line: String) {
    let line = String(
      line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    guard question == nil else { return answer(line) }
    var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard !words.isEmpty, !line.hasPrefix("#") else { return }
    let name = words.removeFirst().lowercased()
    hasProblem = false
    do {
      try Self.command(name).run(&self, words)
    } catch {
      say("\(error)")
    }
  }

  private static func command(_ name: String) throws -> PlainCommand {
    if let command = commands.first(where: { $0.names.contains(name) }) { return command }
    let near = Wording.nearest(to: name, in: commands.flatMap(\.names))
    throw PlainProblem(
      "there is no command \(Wording.quoted(name)); "
        + (near.map { "did you mean \($0)?" } ?? "help lists the commands"))
  }

  private mutating func help(_ name: String?) throws {
    if let name {
      let command = try Self.command(name.lowercased())
      say("\(command.usage): \(command.help).")
      let others = command.names.dropFirst()
      if !others.isEmpty { say("The same: \(others.joined(separator: ", ")).") }
      return
    }
    var group = ""
    for command in Self.commands {
      if command.group != group {
        group = command.group
        say("\(group):")
      }
      say("\(command.usage): \(command.help)")
    }
  }

  private mutating func wait(for words: [String]) throws {
    switch (words.first?.lowercased(), words.dropFirst().first.flatMap { Int($0) }) {
    case ("step", let step?):
      wait = Wait(until: { plain in
        plain.session.step ?? 0 >= step || plain.session.phase != .training
      }).then { $0.say($0.statusLine) }
    case ("end", nil):
      wait = Wait(until: { $0.session.phase != .training && $0.session.phase != .preparing }).then {
        $0.say($0.statusLine)
      }
    case (let word?, nil):
      guard let seconds = Double(word), seconds >= 0, seconds.isFinite else { fallthrough }
      wait = Wait(deadline: now + seconds, until: { _ in false })
    default: throw PlainProblem("wait: expected a number of seconds, step and a number, or end")
    }
  }

  // MARK: Arguments

  /// A number, or the usual one where none was typed.
  func count(_ word: String?, among range: ClosedRange<Int>, standard: Int) throws -> Int {
    guard let word else { return standard }
    guard let number = Int(word), range.contains(number) else {
      throw PlainProblem(
        "\(Wording.quoted(word)): expected a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return number
  }

  func flag(_ word: String?, standard: Bool) throws -> Bool {
    switch word?.lowercased() {
    case nil: standard
    case "on": true
    case "off": false
    default: throw PlainProblem("\(Wording.quoted(word ?? "")): expected on or off")
    }
  }
}

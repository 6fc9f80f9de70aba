import Diffusion
import TUI

/// All settings by their keys.
extension PlainWorkbench {
  static let settingCommands: [PlainCommand] = [
    PlainCommand(
      "Settings", "settings", arguments: "[train|denoise|schedule|ab|inside|runs|program|KEY]",
      help: "list settings with their values, or explain those of a part"
    ) { plain, words in try plain.saySettings(words.first) },
    PlainCommand(
      "Settings", "set", arguments: "KEY VALUE",
      help: "change a setting; without a value, say what it is and what it may be"
    ) { plain, words in try plain.set(words) },
  ]

  /// A setting, and where it is changed.
  private struct Place {
    /// The screen's title; nil for a setting of the user's file.
    var screen: String?
    var field: FieldValue

    /// The part that it belongs to, as it is typed.
    var part: String { screen.map(PlainWorkbench.word(of:)) ?? "program" }

    /// The key under which it is listed, which no other one has.
    var name: String {
      screen == nil || screen == TrainScreen.title || field.key.hasPrefix("A.")
        || field.key.hasPrefix("B.") || field.key.hasPrefix("name of ")
        ? field.key : "\(part).\(field.key)"
    }
  }

  /// A screen's title without signs.
  private static func word(of title: String) -> String { title.lowercased().filter(\.isLetter) }

  private var places: [Place] {
    application.screens.flatMap { screen in
      screen.settings(session).filter { !$0.key.hasPrefix("name of ") }
        .map { Place(screen: screen.title, field: $0) }
    }
      + application.settingFields.filter { Self.programKeys.contains($0.key) }
      .map { Place(screen: nil, field: $0) }
  }

  /// The user's settings that are about more than the screens.
  private static let programKeys = ["status_interval"]

  /// The setting of a key, with or without its part.
  private func place(_ key: String) throws -> Place {
    let places = places
    let word = key.lowercased()
    let found =
      places.first { $0.name.lowercased() == word }
      ?? places.first { $0.field.key.lowercased() == word }
      ?? places.first { $0.field.label.lowercased().replacing(" ", with: "_") == word }
    if let found { return found }
    let near = Wording.nearest(to: key, in: places.map(\.name) + places.map(\.field.key))
    throw PlainProblem(
      "there is no setting \(Wording.quoted(key)); "
        + (near.map { "did you mean \($0)?" } ?? "settings lists all of them"))
  }

  private mutating func saySettings(_ word: String?) throws {
    let places = places
    guard let word = word?.lowercased() else {
      for place in places { say("\(place.name) = \(place.field.text)") }
      return
    }
    let part = places.filter { $0.part == word }
    if !part.isEmpty {
      for place in part { explain(place) }
    } else {
      explain(try place(word))
    }
  }

  private mutating func explain(_ place: Place) {
    let field = place.field
    say(
      "\(place.name) = \(field.text). \(field.explanation) Allowed: \(Self.allowed(field)). "
        + (place.screen == nil || field.isLive
          ? "Takes effect at once." : "Takes effect when the schedule is used."))
  }

  private static func allowed(_ field: FieldValue) -> String {
    field.choices.isEmpty ? field.allowed : "one of \(field.choices.joined(separator: ", "))"
  }

  private mutating func set(_ words: [String]) throws {
    guard let key = words.first else { throw PlainProblem("set: expected a key and a value") }
    let place = try place(key)
    var values = words.dropFirst()
    if values.first == "=" { values = values.dropFirst() }
    guard !values.isEmpty else { return explain(place) }
    let text = values.joined(separator: " ")
    let (denoise, sides) = (denoiseRequest, abRequests)
    do {
      if let screen = place.screen {
        if !place.field.choices.isEmpty, !place.field.choices.contains(text) {
          throw FieldInputError("\(Wording.quoted(text)) is not \(Self.allowed(place.field))")
        }
        try set(place.field.key, ofScreen: screen, to: text)
      } else {
        try set(place.field.key, typed: text)
      }
    } catch {
      throw PlainProblem("\(place.name): \(error)")
    }
    let now = places.first { $0.screen == place.screen && $0.field.key == place.field.key }
    if place.screen != nil { say("\(place.name) = \(now?.field.text ?? text)") }
    if denoiseRequest != denoise { awaitSamples() }
    if abRequests != sides { awaitSides() }
    if place.screen == ScheduleScreen.title, let problem = screen(ScheduleScreen.self)?.problem {
      say(problem)
    }
  }
}

import Diffusion
import TUI

/// Which samples are looked at.
extension InsideScreen {
  private static let training = "training"
  private static let sampled = "generated"
  private static let anyClass = "all"

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard panel == .selection else { return [] }
    let isGenerated = isGenerated(session)
    let count = isGenerated ? generated.count : selection(session)?.count ?? 0
    let index = isGenerated ? generatedIndex : place
    let all = [
      FieldValue(
        key: "samples", label: "samples", text: isGenerated ? Self.sampled : Self.training,
        isLive: true,
        explanation:
          "Training samples or generated ones.",
        acceptsTyping: false, allowed: "training or generated",
        choices: [Self.training, Self.sampled]),
      FieldValue(
        key: "class", label: "class", text: className(session), isLive: true,
        explanation: "Show only samples of one class.", acceptsTyping: false,
        allowed: "a class of the data", choices: classNames(session)),
      FieldValue(
        key: "sample", label: "sample", text: count > 0 ? Numbers.grouped(index + 1) : "–",
        isLive: true, explanation: "Number of the selected sample.",
        allowed: "a number from 1 to \(Numbers.grouped(max(count, 1)))"),
    ]
    return all.filter { $0.key != "class" || session.dataset?.labels != nil }
  }

  /// All classes of the data, after the word for all of them.
  private func classNames(_ session: Session) -> [String] {
    let names = session.dataset?.labels == nil ? [] : session.dataset?.classNames ?? []
    return [Self.anyClass] + names.map { Wording.escaped($0) }
  }

  private func className(_ session: Session) -> String {
    let names = classNames(session)
    return label.map { names.indices.contains($0 + 1) ? names[$0 + 1] : names[0] } ?? names[0]
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    switch key {
    case "samples":
      choose(generated: steps > 0, &session)
    case "class":
      let names = classNames(session)
      let current = names.firstIndex(of: className(session)) ?? 0
      show(label: bounded(current, steps, names.count) - 1, session)
    default:
      isStale = true
      if isGenerated(session) {
        generatedIndex = bounded(generatedIndex, steps, generated.count)
      } else {
        place = bounded(place, steps, selection(session)?.count ?? 0)
      }
    }
    return []
  }

  private mutating func choose(generated wanted: Bool, _ session: inout Session) {
    isStale = true
    guard wanted, generated.count == 0 else {
      showsGenerated = wanted
      return
    }
    session.note("no generated samples yet; press s to draw some")
  }

  /// Shows the samples of a class, or all if it is below 0, and keeps the selected one where it can.
  private mutating func show(label wanted: Int, _ session: Session) {
    isStale = true
    let index = selection(session).flatMap { $0.count > 0 ? $0.index(at: place) : nil } ?? 0
    label = wanted < 0 ? nil : wanted
    showsGenerated = false
    place = selection(session)?.place(of: index) ?? 0
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    switch key {
    case "samples":
      guard [Self.training, Self.sampled].contains(text) else {
        throw FieldInputError("\(Wording.quoted(text)) is not training or generated")
      }
      choose(generated: text == Self.sampled, &session)
    case "class":
      guard let place = classNames(session).firstIndex(of: text) else {
        throw FieldInputError("\(Wording.quoted(text)) is not a class of the data")
      }
      show(label: place - 1, session)
    default:
      let isGenerated = isGenerated(session)
      let count = isGenerated ? generated.count : selection(session)?.count ?? 0
      let digits = text.filter { $0 != "," }
      guard let number = Int(digits), (1...max(count, 1)).contains(number) else {
        throw FieldInputError(
          "\(Wording.quoted(text)) is not a number from 1 to \(Numbers.grouped(max(count, 1)))")
      }
      isStale = true
      if isGenerated { generatedIndex = number - 1 } else { place = number - 1 }
    }
    return []
  }
}

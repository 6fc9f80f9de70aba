import TUI

/// Everything that happened, to look through.
extension WorkbenchApplication {
  /// The notices whose words contain everything that was typed, the newest first.
  var foundNotices: [Session.Notice] {
    let words = line.text.lowercased().split(separator: " ")
    return session.notices.reversed().filter { notice in
      let text = "\(Self.clock(notice.time)) \(notice.text)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  var logOverlay: CommandPalette {
    var list = CommandPalette(
      foundNotices.map { notice in
        CommandPalette.Item(
          "\(Self.clock(notice.time))  \(notice.text)",
          keys: notice.step.map { "step \(Numbers.grouped($0))" } ?? "")
      }, field: line, selected: chosen)
    list.title = "log"
    list.foot = "type to filter · enter go to the step · esc close"
    list.placeholder = "no matching entries"
    list.largest = Size(100, 30)
    return list
  }

  /// A key while the log is open.
  mutating func look(_ key: Key) -> [Effect] {
    guard key == .enter else {
      choose(key, among: foundNotices.count)
      return []
    }
    guard foundNotices.indices.contains(chosen), let step = foundNotices[chosen].step else {
      return []
    }
    overlay = nil
    let effects = show(TrainScreen.title)
    if var train = screens[current] as? TrainScreen {
      train.show(step: step)
      screens[current] = train
    }
    return effects
  }

  /// A time of day as a clock shows it.
  static func clock(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}

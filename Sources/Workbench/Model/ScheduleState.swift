import Diffusion

/// What the Schedule screen shows and edits.
struct ScheduleState: Sendable {
  /// The schedule under the user's hands.
  private(set) var edited: ScheduleConfiguration
  /// The same made, or the last that could be.
  private(set) var schedule: Schedule
  /// Why ``edited`` makes no schedule, or nil.
  private(set) var problem: String?
  private var undone: [ScheduleConfiguration] = []

  /// Steps back that are remembered.
  private static let undoLimit = 100

  init(_ configuration: ScheduleConfiguration) {
    edited = configuration
    schedule = (try? configuration.make()) ?? .linear()
  }

  /// Replaces the edited schedule; a step back is possible.
  mutating func edit(_ configuration: ScheduleConfiguration) {
    guard configuration != edited else { return }
    undone.append(edited)
    if undone.count > Self.undoLimit { undone.removeFirst() }
    show(configuration)
  }

  /// Moves a parameter by so many key presses, as far as it goes with the others; another family
  /// begins with its own defaults.
  mutating func step(_ key: String, by steps: Int) {
    if key == Schedules.chooser.key {
      var next = edited
      next.step(key, by: steps)
      if let family = ScheduleConfiguration(named: next.name), family.name != edited.name {
        edit(family)
      }
      return
    }
    for size in stride(from: abs(steps), to: 0, by: -1) {
      var next = edited
      next.step(key, by: steps > 0 ? size : -size)
      if next.conflict == nil { return edit(next) }
    }
  }

  mutating func undo() {
    if let previous = undone.popLast() { show(previous) }
  }

  private mutating func show(_ configuration: ScheduleConfiguration) {
    edited = configuration
    do {
      schedule = try configuration.make()
      problem = nil
    } catch {
      problem = "\(error)"
    }
  }
}

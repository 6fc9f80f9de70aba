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

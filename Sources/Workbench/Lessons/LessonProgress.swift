/// How far a reader is in a lesson.
struct LessonProgress: Sendable {
  let lesson: Lesson
  private(set) var index = 0
  /// The facts that the present step compares with, as they were when it began.
  private(set) var before: [String: String] = [:]
  /// Whether the present step has begun: not while the run that it is about is still being opened.
  private(set) var hasBegun = false
  /// Whether the reader has gone back to the present step, which then waits for nothing.
  private(set) var isRepeated = false

  init(_ lesson: Lesson) { self.lesson = lesson }

  var step: Lesson.Step { lesson.steps[index] }
  /// Whether the present step waits for the key that goes on.
  var waitsForKey: Bool { step.wait == nil || isRepeated }
  var isLast: Bool { index + 1 == lesson.steps.count }

  /// Begins the present step, with the facts at this moment.
  mutating func begin(_ fact: (String) -> String?) {
    hasBegun = true
    before = [:]
    for name in step.wait?.facts ?? [] { before[name] = fact(name) }
  }

  /// Whether what the present step waits for has happened.
  func isDone(_ fact: (String) -> String?) -> Bool {
    guard hasBegun, !isRepeated, let wait = step.wait else { return false }
    return wait.holds(before: { before[$0] }, now: fact)
  }

  /// Goes to the next step, or the one before.
  mutating func move(by steps: Int) {
    index = min(max(index + steps, 0), lesson.steps.count - 1)
    (hasBegun, isRepeated) = (false, steps < 0)
  }
}

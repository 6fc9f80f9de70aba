/// How far a reader is in a lesson.
struct LessonProgress: Sendable {
  let lesson: Lesson
  private(set) var index = 0
  /// The facts that the present step compares with, as they were when it began.
  private(set) var before: [String: String] = [:]
  /// Whether the present step has begun: not while the run that it is about is still being opened.
  private(set) var hasBegun = false
  /// Whether what the present step waits for has happened, or had when the reader goes back to it.
  private(set) var isDone = false

  init(_ lesson: Lesson) { self.lesson = lesson }

  var step: Lesson.Step { lesson.steps[index] }
  /// Whether the present step waits for the key that goes on.
  var waitsForKey: Bool { step.wait == nil || isDone }
  var isLast: Bool { index + 1 == lesson.steps.count }

  /// Begins the present step, with the facts at this moment.
  mutating func begin(_ fact: (String) -> String?) {
    hasBegun = true
    before = [:]
    for name in step.wait?.facts ?? [] { before[name] = fact(name) }
  }

  /// Takes note of the facts at this moment.
  mutating func look(_ fact: (String) -> String?) {
    guard hasBegun, let wait = step.wait else { return }
    isDone = isDone || wait.holds(before: { before[$0] }, now: fact)
  }

  /// Goes to the next step, or the one before.
  mutating func move(by steps: Int) {
    index = min(max(index + steps, 0), lesson.steps.count - 1)
    (hasBegun, isDone) = (false, steps < 0)
  }
}

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
  /// Whether what the present step claims has been seen since it was done, or had been when the reader goes back.
  private(set) var isSeen = false

  init(_ lesson: Lesson) { self.lesson = lesson }

  var step: Lesson.Step { lesson.steps[index] }
  /// Whether the present step waits for the key that goes on.
  var waitsForKey: Bool { step.wait == nil || isDone }
  var isLast: Bool { index + 1 == lesson.steps.count }

  /// Begins the present step, with the facts at this moment.
  mutating func begin(_ fact: (String) -> String?) {
    hasBegun = true
    before = [:]
    for name in (step.wait?.facts ?? []) + (step.claim?.facts ?? []) { before[name] = fact(name) }
  }

  /// Takes note of the facts at this moment.
  mutating func look(_ fact: (String) -> String?) {
    guard hasBegun else { return }
    if let wait = step.wait { isDone = isDone || wait.holds(before: { before[$0] }, now: fact) }
    if waitsForKey, let claim = step.claim {
      isSeen = isSeen || claim.holds(before: { before[$0] }, now: fact)
    }
  }

  /// What the present step claims, where the reader has done everything and it is not seen.
  var unseen: LessonCondition? { waitsForKey && hasBegun && !isSeen ? step.claim : nil }

  /// Goes to the next step, or the one before.
  mutating func move(by steps: Int) {
    index = min(max(index + steps, 0), lesson.steps.count - 1)
    (hasBegun, isDone, isSeen) = (false, steps < 0, steps < 0)
  }
}

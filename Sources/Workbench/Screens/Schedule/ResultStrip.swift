import Diffusion
import TUI

/// A few samples of the present weights along the edited schedule.
///
/// They are drawn in few steps while a parameter moves, in as many as elsewhere once it rests. The last complete
/// ones stay in view until there are others.
struct ResultStrip {
  /// What samples were asked for.
  struct Wish: Sendable, Equatable {
    var schedule: ScheduleConfiguration
    var steps: Int
    var isQuick: Bool
    var weightsStep: Int
  }

  /// The newest weights, by which what is asked for next is drawn.
  private(set) var model: Model?
  /// Whether the next weights that come are to be sampled at once.
  private var wantsModel = false
  /// The samples in view, and what they are.
  private(set) var frame: Frame?
  private(set) var shown: Wish?
  /// The request that they answer.
  private(set) var shownNumber = 0
  /// What is being drawn, and how far it is.
  private(set) var drawing: (number: Int, wish: Wish, frame: Frame?)?
  /// What was asked for last.
  private var asked: Wish?
  /// Why there are no samples along the schedule that was asked for last.
  private(set) var problem: String?
  /// Whether the schedule has changed since the last tick.
  private var hasMoved = false
  /// Seconds without a change.
  private var still = 0.0
  let images = SampleView.Images()

  /// Steps while a parameter moves.
  static let quickSteps = 3
  /// Samples of images and signals, and points of the plane.
  private static let counts = (few: 4, points: 128)
  /// Seconds without a change after which samples are drawn in full: from once to twice as long.
  private static let rest = 0.25
  /// Seconds until a change is answered, so that several that come together are one.
  private static let soon = 0.005

  mutating func take(_ model: Model) {
    self.model = model
    if wantsModel { refresh() }
    wantsModel = false
  }

  mutating func awaitModel() { wantsModel = true }

  /// Draws the samples again, by the newest weights.
  mutating func refresh() { asked = nil }

  mutating func move() { hasMoved = true }

  // MARK: When

  private func wantsQuick(_ schedule: ScheduleConfiguration) -> Bool {
    // A quick image on its way is let come: who moves on all the time sees every one of them.
    model != nil && asked?.schedule != schedule && drawing?.wish.isQuick != true
  }

  private func wantsFull(_ schedule: ScheduleConfiguration) -> Bool {
    drawing == nil && shown?.schedule == schedule && shown?.isQuick == true && asked == shown
  }

  func tickInterval(for schedule: ScheduleConfiguration) -> Double? {
    if wantsQuick(schedule) { return Self.soon }
    return wantsFull(schedule) ? Self.rest : nil
  }

  /// Draws what is due, `seconds` after the last tick.
  mutating func tick(
    _ schedule: ScheduleConfiguration, after seconds: Double, _ session: inout Session
  ) -> [Effect] {
    still = hasMoved ? 0 : still + seconds
    hasMoved = false
    if wantsQuick(schedule) { return draw(schedule, isQuick: true, &session) }
    guard wantsFull(schedule), still >= Self.rest else { return [] }
    return draw(schedule, isQuick: false, &session)
  }

  private mutating func draw(
    _ schedule: ScheduleConfiguration, isQuick: Bool, _ session: inout Session
  ) -> [Effect] {
    guard let model else { return [] }
    var sampling = session.sampling
    sampling.steps = min(
      isQuick ? min(Self.quickSteps, sampling.steps) : sampling.steps, schedule.timesteps)
    sampling.count = model.format.kind == .points ? Self.counts.points : Self.counts.few
    // Steps that are listed one by one are those of another schedule.
    sampling.timesteps = nil
    let isShort = isQuick && sampling.steps < min(session.sampling.steps, schedule.timesteps)
    let wish = Wish(
      schedule: schedule, steps: sampling.steps, isQuick: isShort, weightsStep: model.step)
    var request = session.request(sampling, along: schedule, from: model)
    request.isUrgent = isQuick
    drawing = (request.number, wish, nil)
    (asked, problem) = (wish, nil)
    return [.sample(request, ScheduleScreen.slot)]
  }

  // MARK: Answers

  mutating func receive(_ event: SamplingEvent) {
    switch event {
    case .frame(let number, let frame) where number == drawing?.number: drawing?.frame = frame
    case .finished(let number) where number == drawing?.number:
      // Where numbers stop being finite, the ones before are worth more.
      if let done = drawing, let frame = done.frame, frame.isFinite {
        (self.frame, shown, shownNumber) = (frame, done.wish, done.number)
      } else {
        problem = "the samples contain infinities or NaN"
      }
      drawing = nil
    case .failed(let number, let sentence) where number == drawing?.number:
      (drawing, problem) = (nil, sentence)
    default: break
    }
  }

  /// What the samples in view are, and what is on its way.
  func info(_ edited: ScheduleConfiguration) -> String {
    guard let shown else { return "" }
    let steps = "\(shown.steps) steps"
    if let drawing, !drawing.wish.isQuick {
      return "refining \(drawing.frame?.index ?? 0) / \(drawing.wish.steps)"
    }
    if shown.schedule != edited { return "\(steps) · old schedule" }
    return "\(steps) · EMA \(Numbers.grouped(shown.weightsStep))"
  }
}

import Diffusion
import TUI

/// The schedule under the user's hands, as numbers.
extension PlainWorkbench {
  static let scheduleCommands: [PlainCommand] = [
    PlainCommand(
      "Schedule", "schedule", arguments: "[COUNT|compare|use|train|undo|redo|save]",
      help:
        "list the edited schedule at so many timesteps, compare it with the other families, use it for "
        + "sampling or training, undo or redo a change, or save it as a recipe"
    ) { plain, words in try plain.schedule(words) },
    PlainCommand(
      "Schedule", "visits",
      help: "list the levels that the sampler visits along the edited schedule"
    ) { plain, _ in try plain.sayVisits() },
  ]

  private func edited() throws -> (ScheduleConfiguration, Schedule) {
    guard let screen = screen(ScheduleScreen.self) else {
      throw PlainProblem("there is no schedule")
    }
    if let problem = screen.problem { throw PlainProblem(problem) }
    return (screen.edited, screen.schedule)
  }

  private mutating func schedule(_ words: [String]) throws {
    typealias Command = ScheduleScreen.Command
    turn(to: ScheduleScreen.title)
    switch words.first?.lowercased() {
    case "compare":
      try compareSchedules(words.dropFirst().first)
    case "use":
      _ = try edited()
      let before = denoiseRequest
      act(ScheduleScreen.own(Command.useForSampling))
      if session.phase != .idle { awaitSamples(after: before) }
    case "train":
      _ = try edited()
      let before = session.noticeCount
      act(ScheduleScreen.own(Command.useForTraining))
      if session.requestedSchedule != nil {
        wait = Wait(until: {
          $0.session.noticeCount > before || $0.session.requestedSchedule == nil
        })
      }
    case "undo": act(ScheduleScreen.own(Command.undo))
    case "redo": act(ScheduleScreen.own(Command.redo))
    case "save": act(.export)
    case let word: try saySchedule(word)
    }
  }

  private mutating func saySchedule(_ word: String?) throws {
    let (configuration, schedule) = try edited()
    let count = try count(word, among: 1...schedule.count, standard: min(11, schedule.count))
    let settings = configuration.settings.map { info in
      "\(info.key) \(info.text(of: configuration.value(of: info.key)))"
    }
    say("\(settings.joined(separator: ", ")). \(configuration.meaning)")
    let betas = schedule.betas
    for t in evenPlaces(count, through: schedule.count - 1) {
      let level = schedule[t]
      guard !configuration.isForText else {
        say("t \(t): \(SampleMeasures(isText: true).spoken(level))")
        continue
      }
      say(
        "t \(t): alpha-bar \(Numbers.short(level.alphaBar)), sigma/alpha "
          + "\(Numbers.short(level.sigmaOverAlpha)), SNR \(Self.decibels(level)), beta "
          + Numbers.short(betas[t]))
    }
    if !configuration.isForText {
      say(schedule.warning ?? "x_T is noise: the terminal SNR is below -18 dB")
    }
    let isTrained = session.schedule == configuration
    let isSampled = session.samplingSchedule == configuration
    say(
      isTrained && isSampled
        ? "used for training and sampling"
        : isTrained
          ? "used for training"
          : isSampled
            ? "used for sampling"
            : "not used; schedule use samples with it, schedule train trains with it")
  }

  /// The signal that is left along all families.
  private mutating func compareSchedules(_ word: String?) throws {
    let (configuration, schedule) = try edited()
    let count = try count(word, among: 2...21, standard: 5)
    func values(_ schedule: Schedule) -> String {
      evenPlaces(count, through: schedule.count - 1).map {
        Numbers.short(schedule[$0].alphaBar, significant: 3)
      }
      .joined(separator: ", ")
    }
    let places = evenPlaces(count, through: schedule.count - 1).map(String.init).joined(
      separator: ", ")
    say("alpha-bar, the remaining signal, at t \(places) (at the same shares of each schedule):")
    say("\(configuration.name), as edited: \(values(schedule))")
    for name in Schedules.names(forText: configuration.isForText) where name != configuration.name {
      guard var family = ScheduleConfiguration(named: name) else { continue }
      family.timesteps = configuration.timesteps
      guard family.conflict == nil, let other = try? family.make() else { continue }
      say("\(name): \(values(other))")
    }
  }

  private mutating func sayVisits() throws {
    let (configuration, schedule) = try edited()
    let measures = SampleMeasures(isText: configuration.isForText)
    var sampling = session.sampling
    sampling.steps = min(sampling.steps, schedule.count)
    let steps = sampling.makeSteps(schedule)
    say("\(sampling.sampler.name) in \(Wording.count(sampling.steps, "step")):")
    for (frame, step) in steps.enumerated() {
      let place = step.timestep < 0 ? "no noise" : "t \(Numbers.short(step.timestep))"
      say("frame \(frame): \(place), \(measures.spoken(step.level))")
    }
  }
}

import Diffusion

/// What lessons can ask about.
extension ScheduleScreen {
  func facts(_ session: Session) -> [String: String] {
    [
      "samples": results.frame == nil ? "none" : "some",
      "follow": results.shown?.schedule == edited ? "yes" : "no",
      "signal": "\(schedule[schedule.count - 1].snrDecibels)",
      "forward": forward.isShown ? "shown" : "hidden",
      "sampling": edited == session.samplingSchedule ? "this" : "another",
      "training": edited == session.schedule ? "this" : "another",
    ]
  }
}

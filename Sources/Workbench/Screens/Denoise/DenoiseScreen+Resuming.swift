import Diffusion
import TUI

/// A frame that a trajectory goes on from, with what decides whether it still can.
struct ResumedFrame: Sendable {
  /// The frame, with what was painted on it.
  var frame: Frame
  /// The sampler that led to it.
  let sampler: SamplerConfiguration
  /// The levels of its trajectory.
  let levels: Levels

  /// What the levels of a trajectory depend on.
  struct Levels: Sendable, Equatable {
    let sampled: [NoiseStep]
    let editing: Editing
    let count: Int
  }

  /// The frame for samples that are drawn so: another sampler knows nothing of the steps before it.
  func frame(by sampling: SamplingConfiguration) -> Frame {
    sampling.sampler == sampler ? frame : frame.forgettingHistory()
  }

  /// The frame itself, where the trajectory that goes on from it begins with the same values.
  func unchanged(_ new: Frame) -> Frame? {
    new.index == frame.index && new.x == frame.x && new.x0 == frame.x0 ? frame : nil
  }
}

/// Going on from any frame.
extension DenoiseScreen {
  /// Lets what is changed act from the frame in view on, or again from x_T.
  mutating func toggleMark(_ session: inout Session) -> [Effect] {
    guard mark == nil else {
      mark = nil
      session.note("from x_T again")
      return begin(&session, withNewest: false)
    }
    guard let frame, !frame.isLast else {
      session.note("nothing follows the last frame; choose an earlier one")
      return []
    }
    setMark(frame, session)
    session.note(
      "going on from frame \(Numbers.grouped(frame.index)): what you change acts from there")
    return begin(&session, withNewest: false)
  }

  mutating func setMark(_ frame: Frame, _ session: Session) {
    // The frame of a mark came from the sampler before it, all others from the present one.
    let sampler = mark?.frame.index == frame.index ? mark?.sampler : nil
    mark = ResumedFrame(
      frame: frame, sampler: sampler ?? session.sampling.sampler, levels: levels(session))
  }

  /// The levels as they are asked for now.
  private func levels(_ session: Session) -> ResumedFrame.Levels {
    let schedule = try? session.samplingSchedule.make()
    return ResumedFrame.Levels(
      sampled: schedule.map { session.sampling.makeSteps($0) } ?? [], editing: editing,
      count: session.sampling.count)
  }

  /// Lets the mark go where the trajectory that is asked for does not pass it.
  mutating func checkMark(_ session: inout Session) {
    guard let mark else { return }
    guard mark.levels == levels(session), recording.count >= mark.frame.index else {
      self.mark = nil
      return session.note("from x_T: the trajectory is another one")
    }
  }

  var resumeTitle: KeyTitle {
    if mark != nil { return .named("from x_T again") }
    return frame == nil || frame?.isLast == true ? .notOffered : .asTable
  }
}

import Diffusion
import TUI

/// Which weights are sampled: averaged or raw, of one step or always the newest.
extension DenoiseScreen {
  /// The newest model with the weights that are wanted.
  func model(of session: Session) -> Model? { usesRaw ? session.rawModel : session.model }

  /// What is sampled, and how far training has gone on since.
  func weightsText(_ session: Session) -> String {
    let kind = sampledRaw ? "raw weights" : "EMA"
    let own = "\(kind) at step \(Numbers.grouped(weightsStep))"
    let newest = session.step.flatMap { $0 > weightsStep ? Numbers.grouped($0) : nil }
    // What is cut where there is little room is the least of it.
    return (follows ? "following · " : "") + own + (newest.map { " · training at \($0)" } ?? "")
  }

  mutating func toggleFollowing(_ session: inout Session) -> [Effect] {
    follows.toggle()
    session.note(
      follows
        ? "following: sampling every new set of weights from the same noise"
        : "keeping the weights of step \(Numbers.grouped(weightsStep))")
    guard follows, session.phase != .stopped, session.phase != .idle else { return [] }
    return [.training(.snapshot)]
  }

  mutating func toggleWeights(_ session: inout Session) -> [Effect] {
    guard session.hasRawWeights || usesRaw else {
      session.note("this model has only averaged weights")
      return []
    }
    usesRaw.toggle()
    session.note(
      usesRaw ? "sampling with the raw weights" : "sampling with the averaged weights")
    heldRatio = isPlaying ? nil : frame?.level.sigmaOverAlpha
    holdsFrame = true
    session.wantsSamples = true
    if session.phase == .stopped || session.phase == .idle { return [.offerModel] }
    return session.takeRawWeights(usesRaw, by: Self.title) + (usesRaw ? [] : [.training(.snapshot)])
  }

  /// Samples the newest weights from the same noise, where they are followed and nothing else is drawn.
  mutating func follow(_ session: inout Session) -> [Effect] {
    guard follows, isComplete, successor == nil, let model = model(of: session),
      model.step > weightsStep
    else { return [] }
    var request = session.request(
      session.sampling, along: session.samplingSchedule, from: model)
    (request.edit, request.resumed) = (edited?.edit, mark?.frame(by: session.sampling))
    var next = Successor(requestNumber: request.number, model: model)
    if let resumed = request.resumed {
      next.recording = recording.prefix(resumed.index)
      next.trails = Array(trails.prefix(resumed.index))
    }
    successor = next
    return [.sample(request, Self.slot)]
  }
}

extension DenoiseScreen.Successor {
  mutating func add(_ frame: Frame, isPoints: Bool) {
    // A trajectory that cannot be kept whole is not shown.
    guard (try? recording.append(frame)) != nil else { return }
    if isPoints { trails.append(ScatterPlot.points(frame.x)) }
  }
}

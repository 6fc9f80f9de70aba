import Diffusion
import TUI

/// The frames: how they are asked for, come in and are played.
extension DenoiseScreen {
  /// Stops at a frame.
  mutating func scrub(to index: Int) {
    isPlaying = false
    show(min(max(index, 0), max(recording.count - 1, 0)))
    (heldRatio, heldIndex) = (frame?.level.sigmaOverAlpha, frameIndex)
  }

  /// Shows a frame that is there, and the one of the comparison that belongs to it.
  mutating func show(_ index: Int) {
    frameIndex = index
    do {
      frame = index < recording.count ? try recording.frame(at: index) : nil
      guard let ratio = frame?.level.sigmaOverAlpha, let kept = comparison?.recording,
        let nearest = kept.nearestIndex(ratio: ratio)
      else { return }
      comparison?.frame = try kept.frame(at: nearest)
    } catch {
      problem = "\(error)"
    }
  }

  /// Asks for samples with the present settings, from the newest weights or those that were sampled last.
  mutating func begin(_ session: inout Session, withNewest: Bool = true) -> [Effect] {
    let sampled = sampledRaw == usesRaw ? sampledModel : nil
    guard let model = (withNewest ? nil : sampled) ?? model(of: session) else {
      session.wantsSamples = session.phase != .stopped && session.phase != .idle
      return []
    }
    (successor, hasPainted) = (nil, false)
    guard let request = request(from: model, &session) else { return [] }
    isComplete = false
    problem = nil
    if let resumed = request.resumed {
      recording = recording.prefix(resumed.index)
      trails = Array(trails.prefix(resumed.index))
      heldIndex = max(heldRatio == nil ? 0 : heldIndex, frameIndex, resumed.index)
      (frameIndex, frame) = (resumed.index, resumed)
    } else {
      recording = Recording()
      trails = []
      frameCount = 0
      show(0)
    }
    (sampledModel, weightsStep) = (model, model.step)
    sampledRaw = usesRaw
    isPlaying = heldRatio == nil
    return [.sample(request, Self.slot)]
  }

  /// The request for what is to be drawn now; nil where that cannot be, which is said.
  private mutating func request(
    from model: Model, _ session: inout Session
  ) -> SamplingRequest? {
    checkMark(&session)
    var request = session.request(
      session.sampling, along: session.samplingSchedule, from: model)
    requestNumber = request.number
    do {
      edited = try prepareEdit(model, session)
      request.edit = edited?.edit
      request.resumed = mark?.frame(by: session.sampling)
      return request
    } catch {
      // What is still being drawn is of other settings.
      (recording, trails, frameCount, isComplete, mark) = (Recording(), [], 0, false, nil)
      show(0)
      problem = error.description
      session.note(error.description)
      return nil
    }
  }

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.started, _): offersEditing = session.format?.kind == .image
    case .computed(let file as ReadImage, Self.title): return take(file, &session)
    case .run(.model, _) where !usesRaw, .run(.rawModel, _) where usesRaw:
      guard session.wantsSamples else { return follow(&session) }
      session.wantsSamples = false
      if !holdsFrame { heldRatio = nil }
      holdsFrame = false
      return begin(&session)
    case .computed(let field as ScoreField, Self.title): take(field)
    case .sampling(.frame(let number, let frame), Self.slot)
    where number == successor?.requestNumber:
      successor?.add(frame, isPoints: session.format?.kind == .points)
    case .sampling(.finished(let number), Self.slot) where number == successor?.requestNumber:
      return succeed() ? follow(&session) : begin(&session)
    case .sampling(.failed(let number, let sentence), Self.slot)
    where number == successor?.requestNumber:
      successor = nil
      session.note(sentence)
    case .sampling(.frame(let number, let frame), Self.slot) where number == self.requestNumber:
      record(frame, &session)
    case .sampling(.finished(let number), Self.slot) where number == self.requestNumber:
      isComplete = true
      return follow(&session)
    case .sampling(.failed(let number, let sentence), Self.slot) where number == self.requestNumber:
      problem = sentence
      if edited != nil { session.note(sentence) }
    default: break  // an answer to an older request among them
    }
    return []
  }

  private mutating func record(_ new: Frame, _ session: inout Session) {
    let frame = recording.count == new.index ? mark?.unchanged(new) ?? new : new
    do {
      try recording.append(frame)
    } catch {
      if problem == nil { session.note("\(error)") }
      problem = "\(error)"
      return
    }
    frameCount = frame.frameCount
    if frame.index == frameIndex, self.frame?.index == frameIndex { show(frameIndex) }
    if frame.index == 0 { reach = SampleView.reach(of: frame.x, session.format) }
    if session.format?.kind == .points {
      trails.append(ScatterPlot.points(frame.x))
    }
    if let heldRatio {
      // The view stays where it was in noise while the new trajectory grows past it.
      show(
        mark == nil
          ? recording.nearestIndex(ratio: heldRatio) ?? 0 : min(heldIndex, recording.count - 1))
    } else if self.frame == nil {
      show(frameIndex)
    }
  }

  /// Shows the trajectory by newer weights in place of this one, at the same frame; false where it has other
  /// frames.
  private mutating func succeed() -> Bool {
    guard let next = successor, next.recording.count == recording.count else {
      successor = nil
      return false
    }
    (recording, trails, successor) = (next.recording, next.trails, nil)
    requestNumber = next.requestNumber
    (sampledModel, weightsStep) = (next.model, next.model.step)
    sampledRaw = usesRaw
    show(min(frameIndex, recording.count - 1))
    return true
  }

  var tickInterval: Double? {
    if isPlaying, frameIndex + 1 < recording.count || isComplete { return speed.interval }
    if hasPainted { return 0.15 }
    return isFieldStale ? 0.03 : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    if hasPainted { return begin(&session, withNewest: false) }
    if isPlaying { playOn() }
    return computeField(session)
  }

  private mutating func playOn() {
    if let loop = loopedFrames, !(loop.lowerBound..<loop.upperBound).contains(frameIndex) {
      show(loop.lowerBound)
    } else if frameIndex + 1 < recording.count {
      show(frameIndex + 1)
    } else if isComplete {
      isPlaying = false
    }
  }
}

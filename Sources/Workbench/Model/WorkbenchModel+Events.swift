import Diffusion

extension WorkbenchModel {
  /// Takes in what the training run tells.
  mutating func receive(_ event: RunEvent) -> [Effect] {
    switch event {
    case .phase(let phase):
      return enter(phase)
    case .started(let facts):
      train.facts = facts
      exact = facts.exact
      if facts.firstStep > 0 {
        train.history.mark("resumed", atStep: facts.firstStep)
        note("going on behind step \(grouped(facts.firstStep)) of \(facts.folder ?? "the run")")
      } else if configuration.data.isNone {
        note("weights from \(facts.parent ?? "nowhere")")
      } else {
        let parent = facts.parent.map { " · weights from \($0)" } ?? ""
        note("\(grouped(facts.dataset.count)) samples of \(facts.dataset.name)\(parent)")
      }
    case .step(let report):
      train.history.add(report)
      train.noiseLevels.add(report.metrics, timesteps: train.schedule.timesteps)
    case .weights(let snapshot):
      weights = snapshot
      return sampleWhatWaits()
    case .saved(let step, let path):
      train.savedStep = step
      note("checkpoint at step \(grouped(step)) · \(path)")
    case .changed(let step, let change):
      acknowledge(change, afterStep: step)
    case .notice(let text):
      note(text)
    case .failed(let sentence):
      train.phase = .stopped
      overlay = .message(sentence)
      note(sentence)
      if isLeaving { return [.quit] }
    }
    return []
  }

  private mutating func enter(_ phase: RunPhase) -> [Effect] {
    train.phase = phase
    switch phase {
    case .finished where configuration.data.isNone: break
    case .finished: note("training is complete")
    case .diverged(let step):
      overlay = .message(
        "Behind step \(grouped(step)) the loss was not finite. The weights are as before; lower the "
          + "learning rate and press space to go on.")
    case .stopped:
      if isLeaving { return [.quit] }
    case .preparing, .training, .paused: break
    }
    return []
  }

  private mutating func acknowledge(_ change: ParameterChange, afterStep step: Int) {
    switch change {
    case .learningRate(let rate):
      train.learningRate = rate
      train.history.mark("lr", atStep: step)
      note("learning rate \(compact(rate)) from step \(grouped(step + 1)) on")
    case .schedule(let schedule):
      train.schedule = schedule
      train.noiseLevels.reset()
      train.history.mark(schedule.family.rawValue, atStep: step)
      note(
        "training with the \(schedule.family.rawValue) schedule from step \(grouped(step + 1)) on")
    }
  }

  /// A preview with every new weights, and the Denoise screen's samples if they were asked for.
  private mutating func sampleWhatWaits() -> [Effect] {
    guard let weights else { return [] }
    previewNumber += 1
    var effects = [
      Effect.sample(
        SamplingRequest(
          number: previewNumber, weights: weights, schedule: train.schedule,
          sampling: train.previewSettings.sampling), .preview)
    ]
    if denoise.wantsWeights {
      denoise.wantsWeights = false
      effects += beginDenoising()
    }
    return effects
  }

  /// Takes in what a sampling run tells.
  mutating func receive(_ event: SamplingEvent, for slot: SampleSlot) -> [Effect] {
    switch (slot, event) {
    case (.preview, .frame(let number, let frame)):
      train.preview.add(frame, number: number, weightsStep: weights?.step ?? 0)
    case (.preview, .finished), (.preview, .failed):
      if case .failed(_, let sentence) = event { note(sentence) }
    case (.denoise, .frame(let number, let frame)) where number == denoise.number:
      record(frame)
    case (.denoise, .finished(let number)) where number == denoise.number:
      denoise.isComplete = true
    case (.denoise, .failed(let number, let sentence)) where number == denoise.number:
      denoise.problem = sentence
    case (.denoise, _): break  // an answer to an older request
    }
    return []
  }

  private mutating func record(_ frame: Frame) {
    do {
      try denoise.recording.append(frame)
    } catch {
      if denoise.problem == nil { note("\(error)") }
      denoise.problem = "\(error)"
      return
    }
    denoise.total = frame.total
    guard let ratio = denoise.heldRatio else { return }
    // The view stays where it was in noise while the new path grows past it.
    denoise.position = denoise.recording.nearestIndex(ratio: ratio) ?? 0
  }

  /// Time passes; `seconds` since midnight for the notices.
  mutating func tick(time: Int) { self.time = time }

  /// Another frame of the preview's animation.
  mutating func advancePreview() { train.preview.advance() }

  /// Another frame of the Denoise screen's playback.
  mutating func advanceDenoising() {
    guard denoise.isPlaying else { return }
    if denoise.position + 1 < denoise.recording.count {
      denoise.position += 1
    } else if denoise.isComplete {
      denoise.isPlaying = false
    }
  }

  /// Asks for fresh samples with the present settings from the newest weights.
  mutating func beginDenoising() -> [Effect] {
    guard let weights else {
      denoise.wantsWeights = true
      return []
    }
    denoise.number += 1
    denoise.recording = Recording()
    denoise.isComplete = false
    denoise.problem = nil
    denoise.total = 0
    denoise.position = 0
    denoise.weightsStep = weights.step
    denoise.isPlaying = denoise.heldRatio == nil
    return [
      .sample(
        SamplingRequest(
          number: denoise.number, weights: weights, schedule: samplingSchedule,
          sampling: denoise.sampling), .denoise)
    ]
  }
}

import Diffusion
import TUI

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
        for record in facts.history { add(record) }
        train.facts?.history = []
        train.history.mark("resumed", atStep: facts.firstStep)
        note(
          "resumed after step \(Numbers.grouped(facts.firstStep)) of \(facts.folder ?? "the run")"
        )
      } else if let dataset = facts.dataset {
        let parent = facts.parent.map { " · weights from \($0)" } ?? ""
        note("\(Numbers.grouped(dataset.count)) samples of \(dataset.name)\(parent)")
      } else {
        note("weights from \(facts.parent ?? "nowhere")")
      }
      if let slowdown = facts.slowdown { note(slowdown) }
    case .step(let report):
      train.history.add(report)
      train.noiseLevels.add(report.metrics, timesteps: train.schedule.timesteps)
    case .model(let model):
      self.model = model
      return sampleWhatWaits()
    case .saved(let step, let path):
      train.savedStep = step
      note("checkpoint at step \(Numbers.grouped(step)) · \(path)")
    case .changed(let step, let recipe, let lines):
      acknowledge(recipe, lines, afterStep: step)
    case .refused(let text):
      note(text)
      // What was asked for together with the schedule is asked for again, alone.
      guard train.askedSchedule != nil else { break }
      train.askedSchedule = nil
      return [.training(.change(train.recipe))]
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
    case .finished where !train.recipe.hasData: break
    case .finished: note("training is complete")
    case .diverged(let step):
      overlay = .message(
        "The loss or a gradient was not finite after step \(Numbers.grouped(step)). The weights are as "
          + "before; lower the learning rate and press space to go on.")
    case .stopped:
      if isLeaving { return [.quit] }
    case .preparing, .training, .paused: break
    }
    return []
  }

  private mutating func acknowledge(_ recipe: Recipe, _ lines: [String], afterStep step: Int) {
    let place = "from step \(Numbers.grouped(step + 1)) on"
    train.history.mark(Self.label(ofChange: lines), atStep: step)
    if lines.contains(where: { $0.hasPrefix("schedule.") }) {
      train.recipe.schedule = recipe.schedule
      train.askedSchedule = nil
      train.noiseLevels.reset()
      note("training with the \(recipe.schedule.name) schedule \(place)")
    } else {
      note("\(lines.joined(separator: ", ")) \(place)")
    }
  }

  /// A change as the charts mark it.
  private static func label(ofChange lines: [String]) -> String {
    let first = lines.first ?? ""
    if first.hasPrefix("optimizer.learning_rate") { return "lr" }
    if first.hasPrefix("schedule.family = ") { return String(first.dropFirst(19).dropLast()) }
    return first.split(separator: " ").first.map { $0.split(separator: ".")[0] }.map(String.init)
      ?? ""
  }

  /// Takes in what a resumed run had measured before.
  private mutating func add(_ record: StepRecord) {
    if let change = record.change {
      let lines = Checkpoint.Change(step: record.step, text: change).lines
      train.history.mark(
        Self.label(ofChange: lines.split(separator: "\n").map(String.init)), atStep: record.step)
    } else {
      train.history.add(record)
    }
  }

  /// A preview with every new weights, and the Denoise screen's samples if they were asked for.
  private mutating func sampleWhatWaits() -> [Effect] {
    guard let model else { return [] }
    previewNumber += 1
    var effects = [
      Effect.sample(
        SamplingRequest(
          number: previewNumber, model: model, schedule: train.schedule,
          sampling: train.recipe.preview.sampling), .preview)
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
      train.preview.add(frame, number: number, weightsStep: model?.step ?? 0)
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
    guard let model else {
      denoise.wantsWeights = true
      return []
    }
    denoise.number += 1
    denoise.recording = Recording()
    denoise.isComplete = false
    denoise.problem = nil
    denoise.total = 0
    denoise.position = 0
    denoise.weightsStep = model.step
    denoise.isPlaying = denoise.heldRatio == nil
    return [
      .sample(
        SamplingRequest(
          number: denoise.number, model: model, schedule: samplingSchedule,
          sampling: denoise.sampling), .denoise)
    ]
  }
}

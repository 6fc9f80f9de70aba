import Diffusion
import TUI

extension Session {
  /// Handles an event of the training run, before the screens do.
  mutating func receive(_ event: RunEvent) -> [Effect] {
    switch event {
    case .phase(let phase): return enter(phase)
    case .started(let facts): begin(facts)
    case .step(let report): step = report.metrics.step
    case .floor, .judged, .evaluation, .layers, .cost: break
    case .model(let model): self.model = model
    case .rawModel(let model): rawModel = model
    case .saved(let step, let path):
      savedStep = step
      if path.hasSuffix("/\(Model.checkpointName)") {
        facts?.folder = String(path.dropLast(Model.checkpointName.count + 1))
      }
      note(savedAt: step, path)
    case .limited(let stepsPerSecond):
      speedLimit = stepsPerSecond
      note(
        "slowed to \(Numbers.short(stepsPerSecond, significant: 3)) steps/s so that you can watch – "
          + "\(label(of: .speedLimit, usually: "S")) for full speed")
    case .changed(let step, let recipe, let lines):
      acknowledge(recipe, lines, afterStep: step)
    case .refused(let text):
      note(text)
      // What was requested together with the schedule is requested again, alone.
      guard requestedSchedule != nil else { break }
      requestedSchedule = nil
      return [.training(.change(recipe))]
    case .unwritten(let sentence):
      // Told anew with every try.
      let keys = [
        label(of: .keepCheckpoint, usually: "w"), label(of: .togglePause, usually: "p"),
      ]
      let text = "paused: \(sentence); \(keys.joined(separator: " or ")) tries again"
      if notices.last?.text != text { note(text) }
    case .unsaved: break
    case .failed(let sentence):
      phase = .stopped
      wantsSamples = false
      note(sentence)
      return [.message(sentence)]
    }
    return []
  }

  /// A checkpoint that the user did not ask for is routine.
  mutating func note(savedAt step: Int, _ path: String) {
    note(
      "checkpoint at step \(Numbers.grouped(step)) · \(path)",
      isRoutine: path.hasSuffix("/" + Model.checkpointName))
  }

  private mutating func begin(_ facts: RunFacts) {
    self.facts = facts
    place = facts.place ?? place
    if facts.dataset != nil { step = facts.completedSteps }
    // The Train screen keeps it as a chart.
    self.facts?.history = []
    if let dataset = facts.dataset, dataset.kind == .points {
      dataPoints = (0..<min(dataset.count, 2000)).map {
        let values = dataset.sample(at: $0)
        return ScatterPlot.Point(Double(values[0]), Double(values[1]))
      }
    }
    if facts.completedSteps > 0 {
      note(
        "resumed after step \(Numbers.grouped(facts.completedSteps)) of \(facts.folder ?? "the run")"
      )
    } else if let dataset = facts.dataset {
      let parent = facts.parent.map { " · weights from \($0)" } ?? ""
      let kept = facts.validationCount
      let validation = kept > 0 ? " · \(Numbers.grouped(kept)) more for validation" : ""
      note("\(Numbers.grouped(dataset.count)) samples of \(dataset.name)\(validation)\(parent)")
      noteEnlargement(kept > 0)
    } else {
      note("weights from \(facts.parent ?? "an unknown source")")
    }
    if let problem = facts.problem { note(problem) }
    if let slowdown = facts.slowdown { note(slowdown) }
  }

  /// Says what the samples of a network that enlarges images are made from.
  private mutating func noteEnlargement(_ heldOut: Bool) {
    let factor = recipe.network.enlargement
    guard factor > 0 else { return }
    note("samples enlarge \(heldOut ? "held-out" : "training") images made \(factor) times smaller")
  }

  private mutating func enter(_ phase: RunPhase) -> [Effect] {
    let before = self.phase
    self.phase = phase
    switch phase {
    case .finished where facts?.dataset == nil: break
    case .finished: note("training complete")
    case .diverged(let step):
      return [
        .message(
          "Training diverged after step \(Numbers.grouped(step)): the loss or a gradient was not finite. "
            + "The weights are unchanged. Lower the learning rate; \(label(of: .togglePause, usually: "p")) then "
            + "resumes.")
      ]
    case .paused where before == .training:
      note("training paused\(step.map { " after step \(Numbers.grouped($0))" } ?? "")")
    case .training where before == .paused: note("training resumed")
    case .idle, .paused, .preparing, .training, .stopped: break
    }
    return []
  }

  private mutating func acknowledge(_ recipe: Recipe, _ lines: [String], afterStep step: Int) {
    let place = "from step \(Numbers.grouped(step + 1))"
    if lines.contains(where: { $0.hasPrefix("schedule.") }) {
      self.recipe.schedule = recipe.schedule
      requestedSchedule = nil
      note("training with the \(recipe.schedule.name) schedule \(place)")
    } else if lines.contains(where: { $0.hasPrefix("training.steps") }),
      case .steps(let steps) = recipe.training.duration
    {
      facts?.totalSteps = steps
      note("training to step \(Numbers.grouped(steps)); \(lines.joined(separator: ", "))")
    } else {
      note("\(lines.joined(separator: ", ")) \(place)")
    }
  }
}

import Diffusion
import TUI

/// What training does, in lines.
extension PlainWorkbench {
  static let trainingCommands: [PlainCommand] = [
    PlainCommand("Training", "status", help: "report on training in full") {
      plain, _ in
      plain.sayStatus()
    },
    PlainCommand("Training", "pause", help: "pause training") { plain, _ in
      guard plain.session.phase == .training else {
        throw PlainProblem("training is not running; it is \(plain.phaseText)")
      }
      plain.act(.togglePause)
      plain.awaitPhase { $0 != .training }
    },
    PlainCommand(
      "Training", "resume", arguments: "[RUN]",
      help: "resume training, or open a run and go on training it"
    ) { plain, words in
      if let name = words.first { return try plain.resume(name) }
      guard plain.session.canTrain, plain.session.phase != .training else {
        throw PlainProblem("there is nothing to resume; training is \(plain.phaseText)")
      }
      let before = plain.session.noticeCount
      plain.act(.togglePause)
      plain.wait = Wait(until: {
        [.training, .finished, .stopped].contains($0.session.phase)
          || $0.hasSaid(since: before)
      })
    },
    PlainCommand("Training", "step", help: "train one step, then pause") { plain, _ in
      let (before, notices) = (plain.session.step ?? 0, plain.session.noticeCount)
      plain.act(.singleStep)
      guard plain.session.canTrain else { return }
      plain.wait = Wait(
        until: {
          ($0.session.step ?? 0) > before && $0.session.phase != .training || !$0.session.canTrain
            || $0.hasSaid(since: notices)
        }
      ).then { $0.say($0.statusLine) }
    },
    PlainCommand("Training", "save", "checkpoint", help: "keep a checkpoint of this step") {
      plain, _ in
      let before = plain.session.noticeCount
      plain.act(.keepCheckpoint)
      guard plain.session.canTrain else { return }
      plain.wait = Wait(until: { plain in
        plain.session.notices.contains {
          $0.number >= before && $0.text.hasPrefix("checkpoint at step")
        }
          || plain.session.notices.contains { $0.number >= before && $0.text.hasPrefix("paused:") }
      })
    },
    PlainCommand(
      "Training", "speed", arguments: "full|slow",
      help: "train at full speed, or slow short runs down"
    ) { plain, words in
      guard let word = words.first, ["full", "slow"].contains(word) else {
        throw PlainProblem("speed: expected full or slow")
      }
      guard plain.session.limitsSpeed == (word == "full") else {
        return plain.say("already at that speed")
      }
      plain.act(.speedLimit)
    },
    PlainCommand(
      "Training", "losses", arguments: "[COUNT]",
      help: "list the loss at so many steps of the run, 10 by default"
    ) { plain, words in try plain.sayLosses(words.first) },
    PlainCommand(
      "Training", "levels", arguments: "[COUNT]",
      help: "list the loss by noise level, from low noise to high, in so many parts"
    ) { plain, words in try plain.sayLevels(words.first) },
    PlainCommand(
      "Training", "bits",
      help: "measure the variational bound in bits per value, and list at which timesteps they are"
    ) { plain, _ in try plain.sayBits() },
    PlainCommand("Training", "layers", help: "list the layers, those in trouble first") {
      plain, _ in
      plain.sayLayers()
    },
    PlainCommand(
      "Training", "quality", help: "list how good the samples were, where they are evaluated"
    ) {
      plain, _ in plain.sayQuality()
    },
    PlainCommand(
      "Training", "rewind", help: "list the kept checkpoints and start a new run from one"
    ) {
      plain, _ in plain.act(TrainScreen.own(TrainScreen.Command.rewind))
    },
  ]

  /// Whether training stands still for a reason given since there were so many notices, such as that a step was not
  /// possible.
  private func hasSaid(since count: Int) -> Bool {
    switch session.phase {
    case .training: false
    case .diverged: true
    default: hasProblem || session.notices.contains { $0.number >= count && !$0.isRoutine }
    }
  }

  private mutating func awaitPhase(_ isThere: @escaping (RunPhase) -> Bool) {
    wait = Wait(until: { isThere($0.session.phase) || $0.session.phase == .stopped })
  }

  // MARK: Figures

  private var train: TrainScreen? { screen(TrainScreen.self) }

  var phaseText: String {
    switch session.phase {
    case .idle: "no run"
    case .preparing: "preparing"
    case .training: "training"
    case .paused: "paused"
    case .diverged(let step): "diverged after step \(Numbers.grouped(step))"
    case .finished: "complete"
    case .stopped: "stopped"
    }
  }

  /// How training goes, in one line.
  var statusLine: String {
    guard session.phase != .idle else { return "no run is open" }
    guard session.dataset != nil else {
      return
        "\(phaseText); a model without training data, of step \(Numbers.grouped(session.model?.step ?? 0))"
    }
    let history = train?.history
    var parts = ["\(phaseText), step \(Numbers.grouped(session.step ?? 0))"]
    if let total = session.totalSteps { parts[0] += " of \(Numbers.grouped(total))" }
    if let smoothed = smoothedLoss { parts.append("loss \(Numbers.fixed(smoothed, 4))") }
    if session.phase == .training, let duration = history?.smoothedDuration {
      let rate = min(1 / duration, session.effectiveLimit ?? .infinity)
      parts.append("\(Numbers.short(rate, significant: 3)) steps/s")
      let left = session.totalSteps.flatMap {
        history?.secondsLeft(lastStep: $0, limit: session.effectiveLimit)
      }
      if let left { parts.append("\(Numbers.duration(left)) left") }
    }
    if let validation = history?.validation.last {
      parts.append("validation \(Numbers.fixed(validation.loss, 4))")
    }
    return parts.joined(separator: ", ")
  }

  private var smoothedLoss: Double? {
    train.flatMap { $0.history.smoothedLosses(weight: $0.smoothing).last { $0.isFinite } }
  }

  /// What the open run or model is, when it is there.
  mutating func sayWhatItIs() {
    guard session.phase != .idle, let facts = session.facts else { return }
    let recipe = session.recipe
    say(
      "\(recipe.name): \(recipe.network.name) with \(Numbers.grouped(facts.parameterCount)) parameters, "
        + "\(recipe.schedule.name) schedule of \(Numbers.grouped(recipe.schedule.timesteps)) levels, "
        + "predicting \(recipe.objective.parameterization.rawValue)"
        + (facts.folder.map { ", in \($0)" } ?? ""))
    say(statusLine)
  }

  private mutating func sayStatus() {
    say(statusLine)
    guard session.dataset != nil, let train, let last = train.history.last else { return }
    let recipe = session.recipe
    say(
      "loss of the last step \(Numbers.fixed(last.loss ?? .nan, 4)), smoothed by "
        + "\(Numbers.fixed(train.smoothing, 2)); gradient norm "
        + "\(Numbers.fixed(last.gradientNorm ?? .nan, 3)); learning rate "
        + "\(Numbers.short(last.learningRate ?? .nan)); EMA decay \(Numbers.fixed(last.averageDecay ?? .nan, 4))"
    )
    let batch = Double(recipe.training.batchSize * recipe.training.accumulationSteps)
    let rate = train.history.smoothedDuration.map { duration in
      "\(Numbers.grouped(Int(batch / duration))) samples/s; \(Numbers.fixed(duration * 1000, 1)) ms per step; "
    }
    say("\(rate ?? "")\(Numbers.duration(last.seconds ?? 0)) of training")
    if let floor = train.floor {
      say(
        "memorisation floor \(Numbers.short(floor.loss, significant: 3)) ± "
          + "\(Numbers.short(floor.standardError, significant: 1)): no network can have a lower expected "
          + "loss on the training samples")
    }
    if let limit = session.effectiveLimit {
      say("slowed to \(Numbers.short(limit, significant: 3)) steps/s; speed full lifts that")
    }
    if !train.layers.layers.isEmpty { say("layers: \(train.layers.summary.text)") }
    if let saved = session.savedStep { say("saved at step \(Numbers.grouped(saved))") }
  }

  private mutating func sayLosses(_ word: String?) throws {
    guard let train, !train.history.points.isEmpty else { throw PlainProblem("no steps yet") }
    let count = try count(word, among: 1...1000, standard: 10)
    let points = train.history.points
    let smoothed = train.history.smoothedLosses(weight: train.smoothing)
    let places = Set(evenPlaces(min(count, points.count), through: points.count - 1)).sorted()
    for place in count == 1 ? [points.count - 1] : places {
      let step = points[place].step
      let validation = train.history.validation.last { $0.step <= step }
      say(
        "step \(Numbers.grouped(step)): loss \(Numbers.fixed(points[place].loss, 4)), smoothed "
          + Numbers.fixed(smoothed[place], 4)
          + (validation.map { ", validation \(Numbers.fixed($0.loss, 4))" } ?? ""))
    }
    for mark in train.history.marks { say("at step \(Numbers.grouped(mark.step)): \(mark.label)") }
  }

  private mutating func sayLevels(_ word: String?) throws {
    let bins = NoiseLevelWindow.bins
    let count = try count(word, among: 1...bins, standard: 8)
    guard let train, let hardest = train.noiseLevels.hardest else {
      throw PlainProblem("no steps yet")
    }
    let steps = session.schedule.timesteps
    let losses = train.noiseLevels.losses
    let floors = train.floor?.lossesByLevel
    func mean(_ values: [Double], _ range: Range<Int>) -> Double? {
      let known = values[range].filter(\.isFinite)
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
    let schedule = session.measures.isText ? try? session.schedule.make() : nil
    func levels(_ range: Range<Int>) -> String {
      let first = range.lowerBound * steps / bins
      let last = max(first, range.upperBound * steps / bins - 1)
      guard let schedule else { return "t \(first) to \(last)" }
      let shares = [first, last].map { SampleMeasures.percent(schedule[$0].sigma) }
      return "\(shares[0]) to \(shares[1]) masked"
    }
    for part in 0..<count {
      let range = part * bins / count..<(part + 1) * bins / count
      let loss =
        mean(losses, range).map { "loss \(Numbers.short($0, significant: 3))" } ?? "no samples"
      let floor = floors.flatMap { mean($0, range) }.map {
        ", memorisation floor \(Numbers.short($0, significant: 3))"
      }
      say("\(levels(range)): \(loss)\(floor ?? "")")
    }
    say(
      "highest loss: \(levels(hardest..<hardest + 1)), \(Numbers.short(losses[hardest], significant: 3)); "
        + "means of the last \(train.noiseLevels.length) steps")
  }

  private mutating func sayLayers() {
    guard let report = train?.layers, !report.layers.isEmpty else {
      return say("the layers are measured every 50 steps")
    }
    say("as measured at step \(Numbers.grouped(report.step)): \(report.summary.text)")
    for layer in report.ordered {
      let ratio = layer.updateRatio
      let change = ratio.isFinite ? "\(Numbers.short(ratio * 100, significant: 2)) %" : "unknown"
      let dead = layer.dead.map { ", \($0.dead) of \($0.all) units dead" } ?? ""
      let verdict =
        report.verdicts[layer.name].map { "; \($0.trouble.rawValue): \($0.reason)" } ?? ""
      say(
        "\(layer.name): weights \(Numbers.compact(layer.weightNorm)), gradient "
          + "\(Numbers.compact(layer.gradientNorm)), change per step \(change)\(dead)\(verdict)")
    }
  }

  private mutating func sayQuality() {
    guard let points = train?.history.quality, !points.isEmpty else {
      switch train?.evaluation {
      case .problem(let text), .working(let text): return say(text)
      case .waiting: return say("waiting for the first evaluation")
      case nil:
        return say("samples are not evaluated; evaluation.interval in the recipe turns that on")
      }
    }
    for point in points.suffix(20) {
      let record = point.record
      say(
        "step \(Numbers.grouped(point.step)): \(record.metric.title) averaged "
          + "\(Numbers.compact(record.averaged.value)), raw \(Numbers.compact(record.raw.value)), yardstick "
          + "\(Numbers.compact(record.heldOut))\(record.isBest == true ? ", the best so far" : "")")
    }
  }
}

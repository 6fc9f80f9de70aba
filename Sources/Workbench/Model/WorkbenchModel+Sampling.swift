import Diffusion

extension WorkbenchModel {
  /// Fresh samples, from the weights as they are at this moment.
  mutating func sampleNow() -> [Effect] {
    denoise.heldRatio = nil
    if train.phase == .stopped { return beginDenoising() }
    denoise.wantsWeights = true
    return [.training(.snapshot)]
  }

  mutating func drawNewNoise() -> [Effect] {
    denoise.sampling.seed = DenoiseState.following(denoise.sampling.seed)
    denoise.heldRatio = nil
    return beginDenoising()
  }

  /// Keeps the present frames beside the ones of the next setting, or lets them go.
  mutating func toggleComparison() {
    guard denoise.compared == nil else {
      denoise.compared = nil
      return
    }
    guard denoise.isComplete else { return note("a comparison needs a finished path") }
    denoise.compared = DenoiseState.Comparison(
      recording: denoise.recording, sampling: denoise.sampling, schedule: samplingSchedule,
      weightsStep: denoise.weightsStep)
    note("kept for comparison: change a setting and both are shown at the same noise")
  }

  mutating func changeSpeed(by steps: Int) {
    let speeds = DenoiseState.speeds
    let index = speeds.firstIndex(of: denoise.speed) ?? 0
    denoise.speed = speeds[min(max(index + steps, 0), speeds.count - 1)]
  }

  /// Samples the network as it is with the edited schedule.
  mutating func useForSampling() -> [Effect] {
    guard screen == .schedule, schedule.problem == nil else { return [] }
    denoise.schedule = schedule.edited
    denoise.sampling.steps = min(denoise.sampling.steps, schedule.edited.timesteps)
    screen = .denoise
    note("sampling with the \(schedule.edited.name) schedule")
    return sampleNow()
  }

  /// Makes training use the edited schedule from the next step on.
  mutating func useForTraining() -> [Effect] {
    guard screen == .schedule, schedule.problem == nil else { return [] }
    guard train.phase != .stopped && train.phase != .finished else {
      note("training has ended; the schedule can still be used for sampling")
      return []
    }
    var recipe = train.recipe
    recipe.schedule = schedule.edited
    train.askedSchedule = schedule.edited
    return [.training(.change(recipe))]
  }

  mutating func export() -> [Effect] {
    let frame = screen == .denoise ? denoise.frame : train.preview.frame
    guard let frame, let model, let facts = train.facts else {
      note("nothing to export yet")
      return []
    }
    let folder = facts.folder.map { $0 + "/" } ?? ""
    let number = frame.index
    let path = "\(folder)samples-\(model.step)-frame-\(number).png"
    return [
      .export(
        ExportRequest(path: path, format: facts.format, values: frame.x))
    ]
  }

  mutating func changeLook(_ action: Action) -> [Effect] {
    switch action {
    case .theme: settings.theme = Self.following(settings.theme, in: themes)
    case .pictureStyle:
      settings.pictures = Self.following(settings.pictures, in: Self.pictureStyles)
    default: break
    }
    return [.saveSettings(settings)]
  }

  static let pictureStyles = ["half-blocks", "quadrants", "braille", "ascii"]

  private static func following(_ name: String, in names: [String]) -> String {
    guard let index = names.firstIndex(of: name) else { return names.first ?? name }
    return names[(index + 1) % names.count]
  }

  mutating func changeChart(_ action: Action) {
    let smoothings = TrainState.smoothings
    let index = smoothings.firstIndex(of: train.smoothing) ?? 0
    switch action {
    case .logScale: train.isLogarithmic.toggle()
    case .horizontalAxis:
      let all = TrainState.HorizontalAxis.allCases
      let place = all.firstIndex(of: train.axis) ?? 0
      train.axis = all[(place + 1) % all.count]
    case .lessSmoothing: train.smoothing = smoothings[max(index - 1, 0)]
    case .moreSmoothing: train.smoothing = smoothings[min(index + 1, smoothings.count - 1)]
    case .zoomIn: train.span = max(train.span / 2, 1.0 / 256)
    case .zoomOut: train.span = min(train.span * 2, 1)
    case .zoomFit: train.span = 1
    default: break
    }
  }
}

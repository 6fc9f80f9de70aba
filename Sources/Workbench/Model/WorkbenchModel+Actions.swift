import Diffusion

extension WorkbenchModel {
  /// Does what the user asked for.
  mutating func perform(_ action: Action) -> [Effect] {
    if overlay != nil, let effects = performInOverlay(action) { return effects }
    switch action {
    case .screen(let screen): return show(screen)
    case .nextPanel: moveFocus(by: 1)
    case .previousPanel: moveFocus(by: -1)
    case .nextField: moveField(by: 1)
    case .previousField: moveField(by: -1)
    case .change(let steps): return change(by: steps)
    case .enter: return enterFocused()
    case .home: goToEnd(first: true)
    case .end: goToEnd(first: false)
    case .togglePause: return togglePause()
    case .singleStep: return [.training(.singleStep)]
    case .zoomPanel: isZoomed.toggle()
    case .pictureStyle, .theme: return changeLook(action)
    case .keepCheckpoint: return [.training(.keep)]
    case .export: return export()
    case .sample: return sampleNow()
    case .newNoise: return drawNewNoise()
    case .compare: toggleComparison()
    case .slower: changeSpeed(by: -1)
    case .faster: changeSpeed(by: 1)
    case .undo: if screen == .schedule { schedule.undo() }
    case .useForSampling: return useForSampling()
    case .useForTraining: return useForTraining()
    case .logScale, .horizontalAxis, .lessSmoothing, .moreSmoothing, .zoomIn, .zoomOut, .zoomFit:
      changeChart(action)
    case .help: overlay = .help
    case .palette: overlay = .palette
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .back: goBack()
    case .quit: return leave()
    }
    return []
  }

  /// Keys that mean something else while something lies over the screen; nil where they do not.
  private mutating func performInOverlay(_ action: Action) -> [Effect]? {
    switch (overlay, action) {
    case (.leaving, .enter):
      isLeaving = true
      overlay = nil
      return [.stopAndQuit]
    case (.picture, .change(let steps)):
      selectSample(by: steps)
      return []
    case (_, .back), (.help, .help), (.message, .enter), (.picture, .enter), (.leaving, .quit):
      overlay = nil
      return []
    case (_, .redraw), (_, .suspend): return nil
    case (.help, .quit), (.message, .quit), (.picture, .quit):
      overlay = nil
      return []
    default: return []
    }
  }

  /// Leaves at once where nothing can be lost, and asks where training goes on.
  mutating func leave() -> [Effect] {
    switch train.phase {
    case .stopped: return [.quit]
    case .training, .preparing:
      overlay = .leaving
      return []
    case .paused, .finished, .diverged:
      isLeaving = true
      return [.stopAndQuit]
    }
  }

  private mutating func show(_ screen: Screen) -> [Effect] {
    self.screen = screen
    isZoomed = false
    let isFresh = denoise.number == 0 && !denoise.wantsWeights
    return screen == .denoise && isFresh ? sampleNow() : []
  }

  private mutating func moveFocus(by steps: Int) {
    let panels = screen.panels
    let index = panels.firstIndex(of: focusedPanel) ?? 0
    focus[screen] = panels[(index + steps + panels.count) % panels.count]
  }

  private mutating func moveField(by steps: Int) {
    let panel = focusedPanel
    let count = fields(of: panel).count
    if count > 0 {
      field[panel] = (min(field[panel] ?? 0, count - 1) + steps + count) % count
    } else if panel == .samples || panel == .preview {
      selectSample(by: steps)
    }
  }

  private mutating func change(by steps: Int) -> [Effect] {
    if let field = focusedField { return change(field.id, by: steps) }
    switch focusedPanel {
    case .timeline:
      denoise.isPlaying = false
      denoise.move(to: denoise.position + steps)
    case .samples, .preview: selectSample(by: steps)
    case .loss: train.cursor = min(max((train.cursor ?? 1) + 0.01 * Double(steps), 0), 1)
    default: break
    }
    return []
  }

  private mutating func selectSample(by steps: Int) {
    let count = max(denoise.sampling.count, 1)
    denoise.selected = min(max(denoise.selected + steps, 0), count - 1)
  }

  private mutating func enterFocused() -> [Effect] {
    if let field = focusedField {
      if field.isTyped {
        overlay = .typing(field.id)
        return []
      }
      return change(field.id, by: 1)
    }
    if focusedPanel == .samples || focusedPanel == .preview { overlay = .picture }
    return []
  }

  private mutating func goToEnd(first: Bool) {
    switch focusedPanel {
    case .loss: train.cursor = first ? 0 : 1
    case .samples: denoise.selected = first ? 0 : denoise.sampling.count - 1
    default:
      guard screen == .denoise else { return }
      denoise.isPlaying = false
      denoise.move(to: first ? 0 : denoise.recording.count - 1)
    }
  }

  private mutating func togglePause() -> [Effect] {
    guard screen == .denoise else {
      return [.training(train.phase == .training ? .pause : .resume)]
    }
    if !denoise.isPlaying && denoise.position + 1 >= denoise.recording.count {
      denoise.position = 0
    }
    denoise.isPlaying.toggle()
    denoise.heldRatio = denoise.isPlaying ? nil : denoise.frame?.level.ratio
    return []
  }

  private mutating func goBack() {
    if isZoomed {
      isZoomed = false
    } else if train.cursor != nil {
      train.cursor = nil
    }
  }
}

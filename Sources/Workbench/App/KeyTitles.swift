import TUI

/// What keys do at this moment, for the bottom line.
extension WorkbenchApplication {
  /// The keys that work now, the most important first.
  var hints: [(key: Key, hint: KeyHint, action: Action)] {
    let contexts = keyContexts
    return keys.active(in: contexts).filter {
      $0.prominence > 0 && !(overlay != nil && $0.contexts.isEmpty)
    }.enumerated().sorted {
      ($1.element.prominence, $0.offset) < ($0.element.prominence, $1.offset)
    }.compactMap { _, binding in
      guard let key = binding.keys.first, let title = title(of: binding) else { return nil }
      return (key, KeyHint(key.label(in: world.symbols), title), binding.action)
    }
  }

  /// What a key's action is called now; nil where it would do nothing.
  private func title(of binding: KeyBinding) -> String? {
    if overlay != nil { return titleInDialog(of: binding) }
    switch title(of: binding.action) {
    case .asTable: return binding.title
    case .named(let title): return title
    case .notOffered: return nil
    }
  }

  /// The words of the dialog itself, where it names its keys.
  private func titleInDialog(of binding: KeyBinding) -> String {
    switch (overlay, binding.action) {
    case (.offer, .back): postponed?.subject == nil ? "not now" : "start instead"
    case (.asking(let question), .enter): question.answer
    default: binding.title
    }
  }

  private func title(of action: Action) -> KeyTitle {
    switch action {
    case .togglePause:
      switch session.phase {
      case .training: .named("pause")
      case .paused, .diverged: .named("resume")
      case .idle, .preparing, .finished, .stopped: .notOffered
      }
    case .singleStep, .keepCheckpoint: session.canTrain ? .asTable : .notOffered
    case .speedLimit:
      session.speedLimit == nil || !session.canTrain
        ? .notOffered : .named(session.limitsSpeed ? "full speed" : "slow down")
    case TrainScreen.own(TrainScreen.Command.rewind):
      session.facts?.folder == nil || session.dataset == nil ? .notOffered : .asTable
    case .sample: session.phase == .idle ? .notOffered : .asTable
    case .export: screen.exportTitle
    case .zoomPanel: screen.isZoomed ? .named("unzoom") : .asTable
    case .enter where !(screen.focusedField(session)?.acceptsTyping ?? true): .named("next value")
    default: screen.title(of: action, session)
    }
  }
}

extension Session {
  /// Whether there is training to control.
  var canTrain: Bool {
    switch phase {
    case .training, .paused, .diverged: true
    case .idle, .preparing, .finished, .stopped: false
    }
  }
}

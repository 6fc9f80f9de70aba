import Diffusion
import TUI

/// What reaches the main thread from the runs.
enum Message: Sendable {
  case run(RunEvent)
  case sampling(SamplingEvent, SampleSlot)
  /// Something the user should read.
  case notice(String)
}

/// The program on the screen: keys become actions, the model's effects are carried out by others.
struct WorkbenchApplication: Application {
  var model: WorkbenchModel
  private(set) var theme: Theme
  private(set) var size = Size.zero
  /// The line that is being typed, for values and for the palette.
  var line = TextField()
  /// What is wrong with what was typed.
  var lineProblem = ""
  /// The chosen line of the palette.
  var chosen = 0
  /// The signal that ended the program, to be raised again.
  private(set) var endSignal: EndSignal?
  let keys = KeyMap<Action, KeyContext>.workbench
  private let world: World

  /// What the application needs from outside; tests put in their own.
  struct World {
    var carryOut: (Effect) -> Void
    /// Local seconds since midnight.
    var timeOfDay: () -> Int
    /// The theme of a name, for the terminal's colours; nil where it cannot be read.
    var theme: (String) -> Theme?
  }

  init(_ model: WorkbenchModel, world: World) {
    self.model = model
    self.world = world
    theme = world.theme(model.settings.theme) ?? .dark
  }

  /// Frames a second of the preview's animation.
  private static let previewSpeed = 20.0

  var tickInterval: Double? {
    switch model.screen {
    case .train: model.train.preview.isPlaying ? 1 / Self.previewSpeed : nil
    case .denoise: model.denoise.isPlaying ? 1 / model.denoise.speed : nil
    case .schedule: nil
    }
  }

  mutating func update(_ event: Event<Message>) -> Command {
    model.tick(time: world.timeOfDay())
    switch event {
    case .start(let size), .resize(let size):
      self.size = size
      return .none
    case .key(let key): return carryOut(press(key))
    case .mouse(let event): return carryOut(point(event))
    case .messages(let messages): return carryOut(messages.flatMap { receive($0) })
    case .tick:
      if model.screen == .train { model.advancePreview() } else { model.advanceDenoising() }
      return .none
    case .end(let signal):
      // Who asks twice does not want to wait for the run to save.
      guard endSignal == nil else { return .quit }
      endSignal = signal
      model.isLeaving = true
      return carryOut(model.train.phase == .stopped ? [.quit] : [.stopAndQuit])
    }
  }

  private mutating func receive(_ message: Message) -> [Effect] {
    switch message {
    case .run(let event): return model.receive(event)
    case .sampling(let event, let slot): return model.receive(event, for: slot)
    case .notice(let text):
      model.note(text)
      return []
    }
  }

  /// Carries effects out; the program's own become the loop's command.
  private mutating func carryOut(_ effects: [Effect]) -> Command {
    var command = Command.none
    for effect in effects {
      switch effect {
      case .quit: command = .quit
      case .suspend: command = .suspend
      case .redraw: command = .redraw
      case .saveSettings(let settings):
        theme = world.theme(settings.theme) ?? theme
        world.carryOut(effect)
      default: world.carryOut(effect)
      }
    }
    return command
  }

  private mutating func press(_ key: Key) -> [Effect] {
    switch model.overlay {
    case .typing(let field): return type(key, into: field)
    case .palette: return search(key)
    case .help where scrollHelp(key): return []
    default: break
    }
    let before = model.overlay
    guard let action = keys.action(for: key, in: model.keyContexts) else { return [] }
    let effects = model.perform(action)
    if model.overlay != before { prepareLine() }
    return effects
  }

  /// Moves through a table of keys that is longer than the screen.
  private mutating func scrollHelp(_ key: Key) -> Bool {
    let step: Int
    switch key {
    case .up, .character("k"): step = -1
    case .down, .character("j"): step = 1
    case .pageUp, .shiftUp: step = -10
    case .pageDown, .shiftDown, .character(" "): step = 10
    default: return false
    }
    chosen = min(max(0, chosen + step), helpOverlay.maximumScroll(in: layout.body))
    return true
  }

  /// A value begins as it is; the palette begins empty.
  private mutating func prepareLine() {
    lineProblem = ""
    chosen = 0
    switch model.overlay {
    case .typing: line = TextField(model.focusedField?.text ?? "")
    default: line = TextField()
    }
  }
}

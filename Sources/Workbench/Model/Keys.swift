import TUI

/// Where a key has a meaning of its own.
enum KeyContext: Hashable, Sendable {
  case train
  case denoise
  case schedule
  case timeline
  case samples
  case chart
  case fields
  case overlay
  case leaving
}

extension KeyMap where Action == Workbench.Action, Context == KeyContext {
  /// The one table of keys.
  static let workbench = KeyMap(
    everywhere + fields + timeline + samples + chart + train + denoise + schedule + overlays)

  private static let everywhere: [Binding] = [
    .init(
      [.character("1")], .screen(.train), "train", help: "The Train screen.", group: "Everywhere"),
    .init(
      [.character("2")], .screen(.denoise), "denoise", help: "The Denoise screen.",
      group: "Everywhere"),
    .init(
      [.character("3")], .screen(.schedule), "schedule", help: "The Schedule screen.",
      group: "Everywhere"),
    .init(
      [.tab], .nextPanel, "panel", help: "The next panel takes the keys.", group: "Everywhere",
      prominence: 30),
    .init(
      [.backTab], .previousPanel, "panel back", help: "The previous panel takes the keys.",
      group: "Everywhere"),
    .init(
      [.character("z")], .zoomPanel, "zoom", help: "The panel fills the screen, and back.",
      group: "Everywhere", prominence: 20),
    .init(
      [.character("s")], .sample, "sample", help: "Draws samples from the weights as they are now.",
      group: "Everywhere", prominence: 60),
    .init(
      [.character("w")], .keepCheckpoint, "keep", help: "Keeps a checkpoint of this step.",
      group: "Everywhere", prominence: 40),
    .init(
      [.character("n")], .singleStep, "one step", help: "Trains one step, then pauses.",
      group: "Everywhere"),
    .init(
      [.character("e")], .export, "export", help: "Writes the samples in view as a picture.",
      group: "Everywhere", prominence: 15),
    .init(
      [.character("b")], .pictureStyle, "pictures",
      help: "Draws pictures in half-blocks, quadrants, braille or ASCII.", group: "Everywhere"),
    .init(
      [.character("t")], .theme, "theme", help: "The next theme.", group: "Everywhere"),
    .init(
      [.character("?"), .function(1)], .help, "keys", help: "Shows the keys.",
      group: "Everywhere", prominence: 95),
    .init(
      [.character(":")], .palette, "command", help: "Finds a command by its name.",
      group: "Everywhere", prominence: 10),
    .init(
      [.control("l")], .redraw, "redraw", help: "Draws the screen anew.", group: "Everywhere"),
    .init(
      [.control("z")], .suspend, "suspend", help: "Back to the shell; fg returns.",
      group: "Everywhere"),
    .init(
      [.escape], .back, "back", help: "Closes what lies on top, or leaves the zoom.",
      group: "Everywhere"),
    .init(
      [.character("q"), .control("c")], .quit, "quit",
      help: "Leaves; asks first while training, and saves.", group: "Everywhere", prominence: 94),
  ]

  private static let fields: [Binding] = [
    .init(
      [.up, .character("k")], .previousField, in: [.fields], "field", help: "The field above.",
      group: "Values"),
    .init(
      [.down, .character("j")], .nextField, in: [.fields], "field", help: "The field below.",
      group: "Values", prominence: 50),
    .init(
      [.left, .character("h")], .change(-1), in: [.fields], "less", help: "A smaller value.",
      group: "Values"),
    .init(
      [.right, .character("l")], .change(1), in: [.fields], "change", help: "A larger value.",
      group: "Values", prominence: 70),
    .init(
      [.shiftLeft, .character("H")], .change(-10), in: [.fields], "much less",
      help: "Ten steps smaller.", group: "Values"),
    .init(
      [.shiftRight, .character("L")], .change(10), in: [.fields], "much more",
      help: "Ten steps larger.", group: "Values"),
    .init(
      [.enter], .enter, in: [.fields], "type", help: "Types a value.", group: "Values",
      prominence: 55),
  ]

  private static let timeline: [Binding] = [
    .init(
      [.left, .character("h")], .change(-1), in: [.timeline], "frame",
      help: "One frame towards x_T.", group: "Timeline", prominence: 80),
    .init(
      [.right, .character("l")], .change(1), in: [.timeline], "frame",
      help: "One frame towards x_0.", group: "Timeline", prominence: 79),
    .init(
      [.shiftLeft, .pageUp, .character("H")], .change(-10), in: [.timeline], "10 frames",
      help: "Ten frames towards x_T.", group: "Timeline"),
    .init(
      [.shiftRight, .pageDown, .character("L")], .change(10), in: [.timeline], "10 frames",
      help: "Ten frames towards x_0.", group: "Timeline"),
    .init([.home], .home, in: [.timeline], "x_T", help: "The start.", group: "Timeline"),
    .init([.end], .end, in: [.timeline], "x_0", help: "The result.", group: "Timeline"),
  ]

  private static let samples: [Binding] = [
    .init(
      [.left, .up, .character("h"), .character("k")], .change(-1), in: [.samples], "sample",
      help: "The sample before.", group: "Samples"),
    .init(
      [.right, .down, .character("l"), .character("j")], .change(1), in: [.samples], "sample",
      help: "The next sample.", group: "Samples", prominence: 70),
    .init(
      [.enter], .enter, in: [.samples], "enlarge", help: "Shows the sample as large as it goes.",
      group: "Samples", prominence: 65),
    .init([.home], .home, in: [.samples], "first", help: "The first sample.", group: "Samples"),
    .init([.end], .end, in: [.samples], "last", help: "The last sample.", group: "Samples"),
  ]

  private static let chart: [Binding] = [
    .init(
      [.left, .character("h")], .change(-1), in: [.chart], "cursor", help: "The cursor left.",
      group: "Chart"),
    .init(
      [.right, .character("l")], .change(1), in: [.chart], "cursor", help: "The cursor right.",
      group: "Chart", prominence: 70),
    .init(
      [.shiftLeft, .character("H")], .change(-10), in: [.chart], "far left",
      help: "The cursor far left.", group: "Chart"),
    .init(
      [.shiftRight, .character("L")], .change(10), in: [.chart], "far right",
      help: "The cursor far right.", group: "Chart"),
    .init([.home], .home, in: [.chart], "start", help: "The cursor to the start.", group: "Chart"),
    .init([.end], .end, in: [.chart], "end", help: "The cursor to the end.", group: "Chart"),
  ]

  private static let train: [Binding] = [
    .init(
      [.character(" ")], .togglePause, in: [.train, .schedule], "pause",
      help: "Pauses training, or goes on.", group: "Train", prominence: 90),
    .init(
      [.character("y")], .logScale, in: [.train], "log", help: "Logarithmic or linear loss.",
      group: "Train", prominence: 35),
    .init(
      [.character("x")], .horizontalAxis, in: [.train], "axis",
      help: "Loss over steps, seconds or epochs.", group: "Train"),
    .init(
      [.character(",")], .lessSmoothing, in: [.train], "smooth less",
      help: "Less smoothing of the loss.", group: "Train"),
    .init(
      [.character(".")], .moreSmoothing, in: [.train], "smooth",
      help: "More smoothing of the loss.", group: "Train", prominence: 25),
    .init(
      [.character("+"), .character("=")], .zoomIn, in: [.train], "zoom in",
      help: "The newer half of the history.", group: "Train"),
    .init(
      [.character("-")], .zoomOut, in: [.train], "zoom out", help: "Twice the history.",
      group: "Train"),
    .init(
      [.character("0")], .zoomFit, in: [.train], "all", help: "The whole history.",
      group: "Train"),
  ]

  private static let denoise: [Binding] = [
    .init(
      [.character(" ")], .togglePause, in: [.denoise], "play", help: "Plays the frames, or stops.",
      group: "Denoise", prominence: 90),
    .init(
      [.character("[")], .slower, in: [.denoise], "slower", help: "Plays more slowly.",
      group: "Denoise", prominence: 33),
    .init(
      [.character("]")], .faster, in: [.denoise], "faster", help: "Plays faster.",
      group: "Denoise", prominence: 32),
    .init(
      [.character("r")], .newNoise, in: [.denoise], "new noise",
      help: "Samples from other noise.", group: "Denoise", prominence: 62),
    .init(
      [.character("c")], .compare, in: [.denoise], "compare",
      help: "Keeps this path beside the next one, at the same noise.", group: "Denoise",
      prominence: 45),
  ]

  private static let schedule: [Binding] = [
    .init(
      [.character("a")], .useForSampling, in: [.schedule], "to sampling",
      help: "Samples the network as it is with this schedule.", group: "Schedule",
      prominence: 85),
    .init(
      [.character("A")], .useForTraining, in: [.schedule], "to training",
      help: "Trains with this schedule from the next step on.", group: "Schedule",
      prominence: 84),
    .init(
      [.character("u")], .undo, in: [.schedule], "undo", help: "Takes the last change back.",
      group: "Schedule", prominence: 48),
  ]

  private static let overlays: [Binding] = [
    .init(
      [.enter], .enter, in: [.overlay], "close", help: "Closes what is on top.", group: "On top"),
    .init(
      [.left, .up], .change(-1), in: [.overlay], "before", help: "The one before.",
      group: "On top"),
    .init(
      [.right, .down], .change(1), in: [.overlay], "next", help: "The next one.",
      group: "On top"),
    .init(
      [.enter, .character("y")], .enter, in: [.leaving], "save and leave",
      help: "Saves the run and leaves.", group: "On top", prominence: 99),
  ]
}

extension WorkbenchModel {
  /// Where the keys go now.
  var keyContexts: Set<KeyContext> {
    switch overlay {
    case .leaving: return [.leaving]
    case .some: return [.overlay]
    case nil: break
    }
    var contexts: Set<KeyContext> = []
    switch screen {
    case .train: contexts.insert(.train)
    case .denoise: contexts.insert(.denoise)
    case .schedule: contexts.insert(.schedule)
    }
    switch focusedPanel {
    case .run, .sampler, .parameters: contexts.insert(.fields)
    case .timeline: contexts.insert(.timeline)
    case .samples, .preview: contexts.insert(.samples)
    case .loss: contexts.insert(.chart)
    default: break
    }
    return contexts
  }
}

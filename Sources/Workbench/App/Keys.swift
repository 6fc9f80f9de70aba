import TUI

extension KeyMap where Action == Workbench.Action, Context == KeyContext {
  /// The one table of keys: those of the program, then each screen's own.
  static let workbench = KeyMap(
    everywhere + lesson + fields + trajectories + views + timeline + samples + chart + list
      + Screens.all.flatMap { $0.keys }
      + overlays)

  // Digits are screens, letters are actions, arrows move; what has no key is in the palette. A letter
  // means one thing wherever it works.
  private static let everywhere: [Binding] =
    KeyBinding.group(
      "Everywhere",
      Screens.all.enumerated().map { index, screen in
        .init(
          [.character(Character("\(index + 1)"))], .show(screen.title), screen.title.lowercased(),
          help: "Show the \(screen.title) screen")
      } + [
        .init(
          ["p"], .togglePause, "pause/resume", help: "Pause or resume training", prominence: 91,
          synonyms: "stop continue halt start"),
        .init(
          [" "], .play, "play/stop", help: "Play or stop the animation", prominence: 90,
          synonyms: "animate pause frames"),
        .init([.tab], .nextPanel, "next panel", help: "Go to the next panel", prominence: 30),
        .init([.backTab], .previousPanel, "previous panel", help: "Go to the previous panel"),
        .init(
          ["z"], .zoomPanel, "zoom", help: "Zoom the panel to full screen and back", prominence: 20),
        .init(
          ["s"], .sample, "sample", help: "Draw samples from the current weights", prominence: 60,
          synonyms: "generate"),
        .init(
          ["w"], .keepCheckpoint, "checkpoint", help: "Keep a checkpoint of this step",
          prominence: 40, synonyms: "save store"),
        .init(["N"], .singleStep, "one step", help: "Train one step, then pause"),
        .init(
          ["S"], .speedLimit, "full speed",
          help: "Train at full speed, or slow short runs down", prominence: 41,
          synonyms: "fast slow limit"),
        .init(
          ["n"], RunsScreen.own(RunsScreen.Command.new), "new run",
          help: "Choose a recipe for a new run", prominence: 61),
        .init(
          ["U"], TrainScreen.own(TrainScreen.Command.rewind), "go back",
          help: "Start a new run from an earlier checkpoint of this one", prominence: 23,
          synonyms: "rewind undo training"),
        .init(
          ["e"], .export, "export",
          help: "Export the visible samples, or save the edited recipe",
          prominence: 15,
          synonyms: "save write image picture file"),
        .init(
          ["b"], .imageStyle, "image style",
          help: "Change how images are drawn",
          synonyms: "picture half-blocks quadrants braille ascii"),
        .init(
          ["t"], .theme, "theme", help: "Choose a theme, trying each at once",
          synonyms: "light dark colours contrast colour-blind"),
        .init(
          ["O"], .settings, "settings", help: "Change settings and keys",
          synonyms: "options preferences configuration remap"),
        .init(
          ["l"], .log, "log", help: "Show the log", prominence: 12,
          synonyms: "events history notices messages"),
        .init(
          ["T"], .lessons, "lessons", help: "Choose a lesson: a guided tour of the screens",
          prominence: 11, synonyms: "first visit tour tutorial learn guide teach explain why blurry"
        ),
        .init(
          ["M"], .mouse, "mouse", help: "Release the mouse to select text, or capture it",
          synonyms: "copy"),
        .init(["?", .function(1)], .help, "keys", help: "Show all keys", prominence: 95),
        .init([":"], .palette, "commands", help: "Search commands and settings", prominence: 10),
        .init([.control("l")], .redraw, "redraw", help: "Redraw the screen"),
        .init([.control("z")], .suspend, "suspend", help: "Suspend to the shell (fg resumes)"),
        .init([.escape], .back, "back", help: "Close the dialog or leave full screen"),
        .init(
          ["q", .control("c")], .quit, "quit", help: "Save the run and quit", prominence: 94,
          synonyms: "exit leave"),
      ])

  /// While a lesson is beside the screens.
  ///
  /// They come before the keys of panels, some of which take enter, too.
  private static let lesson: [Binding] = KeyBinding.group(
    "Lessons",
    [
      .init(
        [.enter], .nextStep, in: [.reading], "go on", help: "Go to the next step of the lesson",
        prominence: 99),
      .init(
        [")"], .nextStep, in: [.lesson], "skip", help: "Skip this step of the lesson"),
      .init(
        ["("], .previousStep, in: [.lesson], "step back",
        help: "Go back one step of the lesson", prominence: 13),
    ])

  private static let fields: [Binding] = KeyBinding.group(
    "Values", in: [.fields],
    [
      .init([.up], .previousField, "previous field", help: "Select the field above"),
      .init([.down], .nextField, "next field", help: "Select the field below", prominence: 50),
      .init([.left], .change(-1), "previous value", help: "Choose the previous value"),
      .init([.right], .change(1), "change", help: "Choose the next value", prominence: 70),
      .init([.shiftLeft], .change(-10), "10 values back", help: "Go back by ten values"),
      .init([.shiftRight], .change(10), "10 values on", help: "Go on by ten values"),
      .init([.enter], .enter, "type", help: "Type a value", prominence: 55),
    ])

  /// Where trajectories from noise to data are played.
  private static let trajectories: [Binding] = KeyBinding.group(
    "Trajectories", in: [DenoiseScreen.context, ABScreen.context, InsideScreen.context],
    [
      .init(
        ["<"], .frame(-1), "previous frame", help: "Go one frame towards x_T, from any panel"),
      .init([">"], .frame(1), "next frame", help: "Go one frame towards x_0, from any panel"),
      .init(["["], .playSpeed(-1), "slower", help: "Play more slowly", prominence: 33),
      .init(["]"], .playSpeed(1), "faster", help: "Play faster", prominence: 32),
      .init(["r"], .newNoise, "new noise", help: "Sample from new noise", prominence: 62),
    ])

  /// Where panels show one thing or another.
  private static let views: [Binding] = KeyBinding.group(
    "Views",
    in: [DenoiseScreen.context, ABScreen.context, ScheduleScreen.context, InsideScreen.context],
    [
      .init(
        ["v"], .nextView, "view", help: "Show the next view", prominence: 46,
        synonyms: "x_t x_0 epsilon noise change forward statistics")
    ])

  private static let timeline: [Binding] = KeyBinding.group(
    "Timeline", in: [.timeline],
    [
      .init(
        [.left], .change(-1), "previous frame", help: "Go one frame towards x_T", prominence: 80),
      .init([.right], .change(1), "next frame", help: "Go one frame towards x_0", prominence: 79),
      .init([.shiftLeft, .pageUp], .change(-10), "10 frames", help: "Go ten frames towards x_T"),
      .init([.shiftRight, .pageDown], .change(10), "10 frames", help: "Go ten frames towards x_0"),
      .init([.home], .home, "x_T", help: "Go to x_T"),
      .init([.end], .end, "x_0", help: "Go to x_0"),
    ])

  private static let samples: [Binding] = KeyBinding.group(
    "Samples", in: [.samples],
    [
      .init([.left, .up], .change(-1), "select", help: "Select the previous sample"),
      .init(
        [.right, .down], .change(1), "select", help: "Select the next sample", prominence: 70),
      .init([.enter], .enter, "enlarge", help: "Enlarge the sample", prominence: 65),
      .init([.home], .home, "first", help: "Select the first sample"),
      .init([.end], .end, "last", help: "Select the last sample"),
    ])

  private static let chart: [Binding] = KeyBinding.group(
    "Chart", in: [.chart],
    [
      .init([.left], .change(-1), "cursor", help: "Move the cursor left"),
      .init([.right], .change(1), "cursor", help: "Move the cursor right", prominence: 70),
      .init([.shiftLeft, .pageUp], .change(-10), "far left", help: "Move the cursor far left"),
      .init([.shiftRight, .pageDown], .change(10), "far right", help: "Move the cursor far right"),
      .init([.home], .home, "start", help: "Move the cursor to the start"),
      .init([.end], .end, "end", help: "Move the cursor to the end"),
      .init(
        ["+", "="], .chart(.zoomIn), "zoom in", help: "Zoom in around the cursor",
        prominence: 34),
      .init(["-"], .chart(.zoomOut), "zoom out", help: "Zoom out"),
      .init([.shiftUp], .chart(.taller), "taller", help: "Zoom in vertically"),
      .init([.shiftDown], .chart(.flatter), "flatter", help: "Zoom out vertically"),
      .init([.up], .chart(.up), "up", help: "Pan up, when zoomed in"),
      .init([.down], .chart(.down), "down", help: "Pan down, when zoomed in"),
      .init(["0"], .chart(.fit), "all", help: "Show all steps and values", prominence: 33),
      .init(
        ["y"], .chart(.scale), "log scale", help: "Switch between a logarithmic and a linear scale",
        prominence: 35),
      .init(
        ["o"], .chart(.outliers), "outliers",
        help: "Leave out or show outliers (lowest and highest 5 %)", prominence: 24),
    ])

  private static let list: [Binding] = KeyBinding.group(
    "Lists", in: [.list],
    [
      .init([.up], .change(-1), "line", help: "Select the line above"),
      .init([.down], .change(1), "line", help: "Select the line below", prominence: 70),
      .init([.pageUp, .shiftUp], .change(-10), "10 lines", help: "Move ten lines up"),
      .init([.pageDown, .shiftDown], .change(10), "10 lines", help: "Move ten lines down"),
      .init([.home], .home, "first", help: "Select the first line"),
      .init([.end], .end, "last", help: "Select the last line"),
    ])

  private static let overlays: [Binding] = KeyBinding.group(
    "Dialogs",
    [
      .init([.enter], .enter, in: [.overlay], "close", help: "Close the dialog", prominence: 90),
      .init([.escape], .back, in: [.overlay], "close", help: "Close the dialog", prominence: 89),
      .init([.enter], .enter, in: [.typing], "apply", help: "Apply the value", prominence: 90),
      .init([.escape], .back, in: [.typing], "cancel", help: "Cancel the change", prominence: 89),
      .init(
        [.enter], .enter, in: [.palette], "choose", help: "Choose the selected entry",
        prominence: 90),
      .init(
        [.enter], .enter, in: [.choosing], "choose", help: "Choose the selected entry",
        prominence: 90),
      .init([.up], .previousField, in: [.settings], "line", help: "Select the setting above"),
      .init(
        [.down], .nextField, in: [.settings], "line", help: "Select the setting below",
        prominence: 70),
      .init([.pageUp, .shiftUp], .page(-10), in: [.settings], "page", help: "Go ten settings up"),
      .init(
        [.pageDown, .shiftDown, .tab], .page(10), in: [.settings], "page",
        help: "Go ten settings down"),
      .init([.home], .home, in: [.settings], "first", help: "Select the first setting"),
      .init([.end], .end, in: [.settings], "last", help: "Select the last setting"),
      .init([.left], .change(-1), in: [.settings], "previous", help: "Choose the previous value"),
      .init(
        [.right], .change(1), in: [.settings], "change", help: "Choose the next value",
        prominence: 90),
      .init([.enter], .enter, in: [.settings], "type", help: "Type a value", prominence: 89),
      .init([.escape], .back, in: [.settings], "close", help: "Close the settings", prominence: 88),
      .init([.escape], .back, in: [.choosing], "close", help: "Close the list", prominence: 89),
      .init(
        [.up], .change(-1), in: [.palette, .log, .choosing], "line", help: "Select the line above"),
      .init(
        [.down], .change(1), in: [.palette, .log, .choosing], "line", help: "Select the line below",
        prominence: 70),
      .init(
        [.escape], .back, in: [.palette], "close", help: "Close the list of commands and settings",
        prominence: 89),
      .init(
        [.enter], .enter, in: [.log], "go to the step", help: "Go to this step in the charts",
        prominence: 90),
      .init([.escape], .back, in: [.log], "close", help: "Close the log", prominence: 89),
      .init(
        [.left, .up], .change(-1), in: [.overlay], "previous", help: "Show the previous sample"),
      .init([.right, .down], .change(1), in: [.overlay], "next", help: "Show the next sample"),
      .init(["<"], .frame(-1), in: [.enlarged], "frame back", help: "Go one frame towards x_T"),
      .init(
        [">"], .frame(1), in: [.enlarged], "frame on", help: "Go one frame towards x_0",
        prominence: 88),
      .init(
        [" "], .play, in: [.enlarged], "play/stop", help: "Play or stop the animation",
        prominence: 87),
      .init(
        [.enter, "y"], .enter, in: [.quitting], "save and quit", help: "Save the run and quit",
        prominence: 99),
      .init(
        [.escape], .back, in: [.quitting], "stay", help: "Stay in the program", prominence: 98),
      .init(
        [.enter], .enter, in: [.offer], "resume", help: "Resume the interrupted run",
        prominence: 99),
      // Not enter, which may be pressed without reading.
      .init(["y"], .enter, in: [.asking], "do it", help: "Confirm", prominence: 99),
      .init([.escape, "n"], .back, in: [.asking], "cancel", help: "Cancel", prominence: 98),
      .init(
        [.escape], .back, in: [.offer], "not now", help: "Leave it for now and start as usual",
        prominence: 98),
    ])
}

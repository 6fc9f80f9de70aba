import TUI

extension KeyMap where Action == Workbench.Action, Context == KeyContext {
  /// The one table of keys: those of the program, then each screen's own.
  static let workbench = KeyMap(
    everywhere + fields + timeline + samples + chart + list + Screens.all.flatMap { $0.keys }
      + overlays)

  private static let everywhere: [Binding] =
    Screens.all.enumerated().map { index, screen in
      Binding(
        [.character(Character("\(index + 1)"))], .show(screen.title), screen.title.lowercased(),
        help: "Show the \(screen.title) screen", group: "Everywhere")
    } + [
      .init(
        [.character(" ")], .togglePause, "pause/resume", help: "Pause or resume training",
        group: "Everywhere", prominence: 90),
      .init(
        [.tab], .nextPanel, "next panel", help: "Go to the next panel", group: "Everywhere",
        prominence: 30),
      .init(
        [.backTab], .previousPanel, "previous panel", help: "Go to the previous panel",
        group: "Everywhere"),
      .init(
        [.character("z")], .zoomPanel, "zoom", help: "Zoom the panel to full screen, or back",
        group: "Everywhere", prominence: 20),
      .init(
        [.character("s")], .sample, "sample", help: "Draw samples from the current weights",
        group: "Everywhere", prominence: 60),
      .init(
        [.character("w")], .keepCheckpoint, "checkpoint",
        help: "Save a permanent checkpoint of this step",
        group: "Everywhere", prominence: 40),
      .init(
        [.character("n")], .singleStep, "one step", help: "Train one step, then pause",
        group: "Everywhere"),
      .init(
        [.character("e")], .export, "export", help: "Export the visible samples as a PNG",
        group: "Everywhere", prominence: 15),
      .init(
        [.character("b")], .pictureStyle, "image style",
        help: "Switch between half-blocks, quadrants, braille and ASCII", group: "Everywhere"),
      .init(
        [.character("t")], .theme, "theme", help: "Switch to the next theme", group: "Everywhere"),
      .init(
        [.character("?"), .function(1)], .help, "keys", help: "Show the keys",
        group: "Everywhere", prominence: 95),
      .init(
        [.character(":")], .palette, "commands", help: "Search the commands",
        group: "Everywhere", prominence: 10),
      .init(
        [.control("l")], .redraw, "redraw", help: "Redraw the screen", group: "Everywhere"),
      .init(
        [.control("z")], .suspend, "suspend", help: "Suspend to the shell (fg resumes)",
        group: "Everywhere"),
      .init(
        [.escape], .back, "back", help: "Close the dialog, or leave full screen",
        group: "Everywhere"),
      .init(
        [.character("q"), .control("c")], .quit, "quit",
        help: "Save the run and quit", group: "Everywhere", prominence: 94),
    ]

  private static let fields: [Binding] = [
    .init(
      [.up, .character("k")], .previousField, in: [.fields], "previous field",
      help: "Select the field above",
      group: "Values"),
    .init(
      [.down, .character("j")], .nextField, in: [.fields], "next field",
      help: "Select the field below",
      group: "Values", prominence: 50),
    .init(
      [.left, .character("h")], .change(-1), in: [.fields], "decrease", help: "Decrease the value",
      group: "Values"),
    .init(
      [.right, .character("l")], .change(1), in: [.fields], "change", help: "Increase the value",
      group: "Values", prominence: 70),
    .init(
      [.shiftLeft, .character("H")], .change(-10), in: [.fields], "decrease by 10",
      help: "Decrease the value by ten steps", group: "Values"),
    .init(
      [.shiftRight, .character("L")], .change(10), in: [.fields], "increase by 10",
      help: "Increase the value by ten steps", group: "Values"),
    .init(
      [.enter], .enter, in: [.fields], "type", help: "Type a value", group: "Values",
      prominence: 55),
  ]

  private static let timeline: [Binding] = [
    .init(
      [.left, .character("h")], .change(-1), in: [.timeline], "previous frame",
      help: "Go one frame towards x_T", group: "Timeline", prominence: 80),
    .init(
      [.right, .character("l")], .change(1), in: [.timeline], "next frame",
      help: "Go one frame towards x_0", group: "Timeline", prominence: 79),
    .init(
      [.shiftLeft, .pageUp, .character("H")], .change(-10), in: [.timeline], "10 frames",
      help: "Go ten frames towards x_T", group: "Timeline"),
    .init(
      [.shiftRight, .pageDown, .character("L")], .change(10), in: [.timeline], "10 frames",
      help: "Go ten frames towards x_0", group: "Timeline"),
    .init([.home], .home, in: [.timeline], "x_T", help: "Go to x_T", group: "Timeline"),
    .init([.end], .end, in: [.timeline], "x_0", help: "Go to x_0", group: "Timeline"),
  ]

  private static let samples: [Binding] = [
    .init(
      [.left, .up, .character("h"), .character("k")], .change(-1), in: [.samples], "select",
      help: "Select the previous sample", group: "Samples"),
    .init(
      [.right, .down, .character("l"), .character("j")], .change(1), in: [.samples], "select",
      help: "Select the next sample", group: "Samples", prominence: 70),
    .init(
      [.enter], .enter, in: [.samples], "enlarge", help: "Enlarge the sample",
      group: "Samples", prominence: 65),
    .init(
      [.home], .home, in: [.samples], "first", help: "Select the first sample", group: "Samples"),
    .init([.end], .end, in: [.samples], "last", help: "Select the last sample", group: "Samples"),
  ]

  private static let chart: [Binding] = [
    .init(
      [.left, .character("h")], .change(-1), in: [.chart], "cursor", help: "Move the cursor left",
      group: "Chart"),
    .init(
      [.right, .character("l")], .change(1), in: [.chart], "cursor", help: "Move the cursor right",
      group: "Chart", prominence: 70),
    .init(
      [.shiftLeft, .character("H")], .change(-10), in: [.chart], "far left",
      help: "Move the cursor far left", group: "Chart"),
    .init(
      [.shiftRight, .character("L")], .change(10), in: [.chart], "far right",
      help: "Move the cursor far right", group: "Chart"),
    .init(
      [.home], .home, in: [.chart], "start", help: "Move the cursor to the start", group: "Chart"),
    .init([.end], .end, in: [.chart], "end", help: "Move the cursor to the end", group: "Chart"),
  ]

  private static let list: [Binding] = [
    .init(
      [.up, .character("k")], .change(-1), in: [.list], "line", help: "Select the line above",
      group: "Lists"),
    .init(
      [.down, .character("j")], .change(1), in: [.list], "line", help: "Select the line below",
      group: "Lists", prominence: 70),
    .init(
      [.pageUp, .shiftUp], .change(-10), in: [.list], "10 lines",
      help: "Go ten lines up", group: "Lists"),
    .init(
      [.pageDown, .shiftDown], .change(10), in: [.list], "10 lines",
      help: "Go ten lines down", group: "Lists"),
    .init([.home], .home, in: [.list], "first", help: "Select the first line", group: "Lists"),
    .init([.end], .end, in: [.list], "last", help: "Select the last line", group: "Lists"),
  ]

  private static let overlays: [Binding] = [
    .init(
      [.enter], .enter, in: [.overlay], "close", help: "Close the dialog", group: "Dialogs",
      prominence: 90),
    .init(
      [.escape], .back, in: [.overlay], "close", help: "Close the dialog", group: "Dialogs",
      prominence: 89),
    .init(
      [.enter], .enter, in: [.typing], "apply", help: "Apply the value", group: "Dialogs",
      prominence: 90),
    .init(
      [.escape], .back, in: [.typing], "cancel", help: "Discard the value", group: "Dialogs",
      prominence: 89),
    .init(
      [.enter], .enter, in: [.palette], "run", help: "Run the command", group: "Dialogs",
      prominence: 90),
    .init(
      [.escape], .back, in: [.palette], "close", help: "Close the palette", group: "Dialogs",
      prominence: 89),
    .init(
      [.left, .up], .change(-1), in: [.overlay], "previous", help: "Show the previous sample",
      group: "Dialogs"),
    .init(
      [.right, .down], .change(1), in: [.overlay], "next", help: "Show the next sample",
      group: "Dialogs"),
    .init(
      [.enter, .character("y")], .enter, in: [.quitting], "save and quit",
      help: "Save the run and quit", group: "Dialogs", prominence: 99),
    .init(
      [.escape], .back, in: [.quitting], "stay", help: "Keep the program open", group: "Dialogs",
      prominence: 98),
  ]
}

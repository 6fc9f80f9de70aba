import Diffusion
import TUI

/// Training as it goes on: the loss, the noise levels, the run's numbers, and samples on the way.
struct TrainScreen: Screen {
  static let title = "Train"

  enum Panel: Sendable {
    case loss
    case noiseLevels
    /// How often each noise level was seen.
    case sigmas
    case gradient
    /// How good the samples are.
    case quality
    case preview
    case run
  }

  /// What the loss is drawn over.
  enum HorizontalAxis: String, CaseIterable, Sendable {
    case step
    case seconds
    case epoch
  }

  /// What the panel of the noise levels shows.
  enum LevelView: String, CaseIterable, Sendable {
    /// The loss over the last steps.
    case now
    /// The loss over the whole run.
    case overTime
    /// The terms of the variational bound.
    case bits
  }

  enum Command: String {
    case bits
    case horizontalAxis
    case lessSmoothing
    case moreSmoothing
    case rewind
  }

  private static let lossContext = KeyContext("loss")
  /// Panels that can show something else.
  private static let viewsContext = KeyContext("views")

  static let keys: [KeyBinding] =
    KeyBinding.group(
      title, in: [lossContext],
      [
        .init(
          ["X"], own(Command.horizontalAxis), "axis",
          help: "Draw the loss over steps, seconds or epochs"),
        .init([","], own(Command.lessSmoothing), "smooth less", help: "Smooth the loss less"),
        .init(
          ["."], own(Command.moreSmoothing), "smooth more", help: "Smooth the loss more",
          prominence: 25),
        .init(
          ["v"], .nextView, in: [viewsContext], "view", help: "Show the next view",
          prominence: 46, synonyms: "heat map layers health over time bits"),
      ])
    + KeyBinding.group(
      title,
      [
        .init(
          [], own(Command.bits), "bits",
          help: "Measure the variational bound: where the bits are",
          synonyms: "likelihood vlb elbo nll bound per dimension timestep")
      ])

  static let preview = SampleSlot("preview", yieldsToTraining: true)

  var focus = PanelFocus(Panel.loss)
  /// Those that `tab` goes through; the curve of the quality only where there is one.
  var panels: [Panel] {
    [.loss, .preview, .run, .noiseLevels, .sigmas, .gradient]
      + (evaluation == nil ? [] : [.quality])
  }
  var history = RunHistory()
  var noiseLevels = NoiseLevelWindow()
  /// What is known of the memorisation floor; nil before the first estimate.
  private(set) var floor: MemorizationFloor.Estimate?
  /// What the evaluation of samples is doing; nil without one.
  private(set) var evaluation: EvaluationStatus?
  var playback = Playback()
  /// How much room the samples need.
  private(set) var sampleWidth = SampleWidth(nil, nil)
  /// The first request of this session; frames of smaller numbers are of the session before.
  private var firstRequest = Int.max
  /// The steps of the weights that previews were requested with, by the requests' numbers.
  private var weightsSteps: [Int: Int] = [:]
  /// The sample that is enlarged.
  var selected = 0
  /// Weight of what came before in the smoothed loss, 0 to 0.99.
  var smoothing = 0.9
  var axis = HorizontalAxis.step
  /// What the charts over the history show.
  var view = ChartView()
  /// What is shown by noise level.
  var levelView = LevelView.now
  /// What is known of the variational bound.
  var bits = BitsView()
  /// What is shown of the gradients and the layers.
  var gradientView = GradientView.norm
  /// Where the time of a step went when it was measured last.
  var cost: StepCost?
  /// How the layers fare.
  var layers = LayerReport()
  var selectedLayer = 0
  /// Whether the preview plays.
  private(set) var plays = true
  let images = SampleView.Images()
  /// The smoothed losses, of so many points of a history.
  let smoothed = Memo<SmoothedKey, [Double]>()

  struct SmoothedKey: Equatable {
    var last: Int?
    var points: Int
    var weight: Double
  }

  private static let smoothings = [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]

  init(_ session: Session) {}

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .preview: [.samples]
    case .loss: [.chart, Self.lossContext]
    case .quality: [.chart]
    case .gradient: [gradientView == .norm ? .chart : .list, Self.viewsContext]
    case .noiseLevels: levelView == .overTime ? [.chart, Self.viewsContext] : [Self.viewsContext]
    case .sigmas, .run: []
    }
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case Self.own(Command.rewind): return listCheckpoints(&session)
    case Self.own(Command.bits):
      (focus.panel, levelView) = (.noiseLevels, .bits)
      return measureBits(&session)
    case .own(Self.title, let name): Command(rawValue: name).map { perform($0, &session) }
    case .nextView: return showNextView(&session)
    case .frame(let steps):
      plays = false
      playback.scrub(by: steps)
    case .chart(let command): view.perform(command, history).map { session.note($0) }
    case .change(let steps): change(by: steps)
    case .enter where focus.panel == .preview && playback.frame != nil: return [.enlarge]
    case .home where isOnChart: view.putCursor(atEnd: false, history)
    case .end where isOnChart: view.putCursor(atEnd: true, history)
    case .home where focus.panel == .gradient: selectedLayer = 0
    case .end where focus.panel == .gradient: selectedLayer = max(0, layers.layers.count - 1)
    case .home: selected = 0
    case .end: selectSample(by: .max / 2)
    case .back: view.removeCursor()
    case .play:
      plays.toggle()
      session.note(plays ? "playing the preview" : "preview stopped")
    default: break
    }
    return []
  }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play: playback.frame == nil ? .notOffered : .named(plays ? "stop" : "play")
    case .enter where focus.panel == .preview && playback.frame == nil: .notOffered
    case .nextView where focus.panel == .noiseLevels: .named(levelView.next.title)
    case .nextView: .named(gradientView.next.title)
    case .chart(.scale): .named(view.isLogarithmic ? "linear scale" : "log scale")
    case .chart(.outliers): .named(view.leavesOutliersOut ? "all values" : "5–95 %")
    default: .asTable
    }
  }

  private var isOnChart: Bool { contexts(of: focus.panel).contains(.chart) }

  /// Shows the other view of the panel with the focus.
  private mutating func showNextView(_ session: inout Session) -> [Effect] {
    if focus.panel == .noiseLevels {
      levelView = levelView.next
      if levelView == .bits { return measureBits(&session) }
      session.note(
        "the loss by \(session.measures.levelName) \(levelView == .overTime ? "over time" : "now")")
    } else if focus.panel == .gradient {
      gradientView = gradientView.next
      session.note(gradientView.note)
    }
    return []
  }

  private mutating func perform(_ command: Command, _ session: inout Session) {
    let index = Self.smoothings.firstIndex(of: smoothing) ?? 0
    switch command {
    case .horizontalAxis:
      let all = HorizontalAxis.allCases
      axis = all[((all.firstIndex(of: axis) ?? 0) + 1) % all.count]
      session.note("loss over \(axis.rawValue == "seconds" ? "seconds" : axis.rawValue + "s")")
    case .rewind, .bits: break
    case .lessSmoothing: smoothing = Self.smoothings[max(index - 1, 0)]
    case .moreSmoothing:
      smoothing = Self.smoothings[min(index + 1, Self.smoothings.count - 1)]
    }
    if command != .horizontalAxis { session.note("smoothing \(Numbers.fixed(smoothing, 2))") }
  }

  private mutating func change(by steps: Int) {
    if isOnChart {
      view.moveCursor(by: steps, history)
    } else if focus.panel == .preview {
      selectSample(by: steps)
    } else if focus.panel == .gradient {
      selectedLayer = min(max(selectedLayer + steps, 0), max(layers.layers.count - 1, 0))
    }
  }

  /// Shows a step in the charts.
  mutating func show(step: Int) {
    focus.panel = .loss
    view.putCursor(atStep: Double(step), history)
  }

  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    switch panel {
    case .gradient where gradientView == .cost: break
    case .gradient where gradientView == .layers:
      guard event.action == .press else { return }
      layerTable(width: inner.width).row(atY: event.y, in: inner).map { selectedLayer = $0 }
    case .noiseLevels where levelView != .overTime: break
    case .loss, .gradient, .quality, .noiseLevels:
      if let step = step(atColumn: event.x, of: panel, in: inner, context) {
        view.touch(event.action, atStep: step, history)
      } else if event.action == .release {
        view.touch(.release, atStep: 0, history)
      }
    case .preview where event.action == .press:
      guard let frame = playback.frame, context.session.format?.kind == .image else { return }
      let area = inner.rows(.fraction(1), .fixed(1))[0]
      var shown = SampleView(frame.x, shape: frame.shape, context)
      shown.showsAll = focus.isZoomed
      let grid = shown.grid(in: area)
      if let index = grid.layout(in: area)?.index(atX: event.x, y: event.y) { selected = index }
    default: break
    }
  }

  var samples: (frame: Frame, selected: Int)? { playback.frame.map { ($0, selected) } }

  var trail: [ScatterPlot.Point] {
    guard let shape = playback.frame?.shape, shape.sampleCount == 2 else { return [] }
    return playback.framesSoFar.flatMap { frame in
      ScatterPlot.points(frame.shape.sample(min(selected, shape.batch - 1), of: frame.x))
    }
  }

  mutating func selectSample(by steps: Int) {
    let count = playback.frame?.shape.batch ?? 1
    selected = min(max(selected + steps, 0), count - 1)
  }

  // MARK: Messages

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.started(let facts), _):
      for record in facts.history { add(record) }
      if facts.completedSteps > 0 { history.mark("resumed", atStep: facts.completedSteps) }
    case .run(.step(let report), _):
      history.add(report)
      noiseLevels.add(report.metrics, timesteps: session.schedule.timesteps)
    case .run(.changed(let step, _, let lines), _):
      history.mark(Self.label(ofChange: lines), atStep: step)
      if lines.contains(where: { $0.hasPrefix("schedule.") }) {
        noiseLevels = NoiseLevelWindow()
        floor = nil
      }
    case .run(.floor(let estimate), _):
      floor = estimate
    case .run(.cost(let cost), _): self.cost = cost
    case .run(.layers(let step, let layers), _):
      for verdict in self.layers.take(layers, atStep: step) { session.note(verdict.sentence) }
    case .computed(let report as BoundReport, Self.title):
      return bits.take(report, session, isShown: levelView == .bits).map { [$0] } ?? []
    case .computed(let kept as KeptCheckpoints, Self.title): return choose(among: kept, &session)
    case .run(.judged(let step, let record), _):
      history.add(record, atStep: step)
    case .run(.evaluation(let status), _):
      evaluation = status
      if case .problem(let sentence) = status { session.note(sentence) }
    case .run(.model(let model), _):
      // A preview with every new weights, always from the same noise.
      let request = session.request(
        session.recipe.preview.sampling, along: session.schedule, from: model)
      firstRequest = min(firstRequest, request.number)
      weightsSteps[request.number] = model.step
      let follow = levelView == .bits ? bits.follow(session) : nil
      return [.sample(request, Self.preview)] + (follow.map { [$0] } ?? [])
    case .sampling(.frame(let number, let frame), Self.preview) where number >= firstRequest:
      playback.add(frame, number: number, weightsStep: weightsSteps[number] ?? 0)
      weightsSteps = weightsSteps.filter { $0.key >= number }
      sampleWidth = SampleWidth(frame, session.format)
    case .sampling(.failed(let number, let sentence), Self.preview) where number >= firstRequest:
      session.note(sentence)
    default: break
    }
    return []
  }

  /// Takes in what a resumed run had measured before.
  private mutating func add(_ record: StepRecord) {
    // What was judged before is shown even where nothing is judged now.
    if record.quality != nil, evaluation == nil { evaluation = .waiting }
    guard let change = record.change else { return history.add(record) }
    let lines = Checkpoint.Change(step: record.step, text: change).lines
    history.mark(
      Self.label(ofChange: lines.split(separator: "\n").map(String.init)), atStep: record.step)
  }

  /// A change as the charts mark it: what was set to which value, in short.
  static func label(ofChange lines: [String]) -> String {
    let changes = lines.map { line in
      let parts = line.split(separator: "=", maxSplits: 1).map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\"" }.reversed())
      }
      let value = parts.count > 1 ? parts[1].drop { $0 == "\"" } : ""
      return (key: parts.first ?? "", value: String(value))
    }
    guard let first = changes.first(where: { $0.key == "schedule.family" }) ?? changes.first else {
      return ""
    }
    let name: String =
      switch first.key {
      case "optimizer.learning_rate": "LR "
      case "schedule.family": ""
      default: first.key.split(separator: ".").last.map { "\($0) " } ?? ""
      }
    let number = Double(first.value).map { Numbers.short($0) }
    return name + (number ?? first.value)
  }

  // MARK: Animation

  /// Frames a second of the preview.
  private static let previewSpeed = 20.0

  var tickInterval: Double? { plays && playback.isPlaying ? 1 / Self.previewSpeed : nil }

  mutating func tick(_ session: inout Session) -> [Effect] {
    playback.advance()
    return []
  }
}

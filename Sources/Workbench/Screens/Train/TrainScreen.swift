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

  enum Command: String {
    case horizontalAxis
    case lessSmoothing
    case moreSmoothing
  }

  private static let lossContext = KeyContext("loss")

  static let keys: [KeyBinding] = KeyBinding.group(
    title, in: [lossContext],
    [
      .init(
        ["X"], own(Command.horizontalAxis), "axis",
        help: "Draw the loss over steps, seconds or epochs"),
      .init([","], own(Command.lessSmoothing), "smooth less", help: "Smooth the loss less"),
      .init(
        ["."], own(Command.moreSmoothing), "smooth more", help: "Smooth the loss more",
        prominence: 25),
    ])

  static let preview = SampleSlot("preview")

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
  /// The sample that is enlarged.
  var selected = 0
  /// Weight of what came before in the smoothed loss, 0 to 0.99.
  var smoothing = 0.9
  var axis = HorizontalAxis.step
  /// What the charts over the history show.
  var view = ChartView()
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
    case .gradient, .quality: [.chart]
    case .noiseLevels, .sigmas, .run: []
    }
  }

  // MARK: Fields

  /// The settings of the recipe that there is room for, with their names here.
  private static let fieldKeys = [
    (RecipeKey("optimizer", "learning_rate"), "learning rate"),
    (RecipeKey("preview", "sampler"), "preview sampler"),
    (RecipeKey("preview", "steps"), "preview steps"),
    (RecipeKey("preview", "interval"), "preview interval"),
  ]

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard panel == .run else { return [] }
    return Self.fieldKeys.compactMap { key, label in
      session.recipe.setting(key).map {
        FieldValue("\(key)", $0, session.recipe.value(of: key), label: label)
      }
    }
  }

  func formArea(of panel: Panel, in inner: Rect, _ session: Session) -> Rect {
    // The run's numbers are above.
    panel == .run ? inner.inset(top: numberRows(in: inner, session)) : inner
  }

  func numberRows(in inner: Rect, _ session: Session) -> Int {
    min(5, max(0, inner.height - fields(of: .run, session).count))
  }

  private static func recipeKey(_ text: String) -> RecipeKey? {
    fieldKeys.map(\.0).first { "\($0)" == text }
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    guard let key = Self.recipeKey(key) else { return [] }
    var recipe = session.recipe
    recipe.step(key, by: steps)
    return session.use(recipe)
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    guard let key = Self.recipeKey(key), let info = session.recipe.setting(key) else { return [] }
    var recipe = session.recipe
    try info.type(text) { (value) throws(SettingError) in try recipe.set(key, to: value) }
    return session.use(recipe)
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case .own(Self.title, let name): Command(rawValue: name).map { perform($0, &session) }
    case .chart(let command): view.perform(command, history).map { session.note($0) }
    case .change(let steps): change(by: steps)
    case .enter where focus.panel == .preview && playback.frame != nil: return [.enlarge]
    case .home where isOnChart: view.putCursor(atEnd: false, history)
    case .end where isOnChart: view.putCursor(atEnd: true, history)
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
    case .chart(.scale): .named(view.isLogarithmic ? "linear scale" : "log scale")
    case .chart(.outliers): .named(view.leavesOutliersOut ? "all values" : "5–95 %")
    default: .asTable
    }
  }

  private var isOnChart: Bool { contexts(of: focus.panel).contains(.chart) }

  private mutating func perform(_ command: Command, _ session: inout Session) {
    let index = Self.smoothings.firstIndex(of: smoothing) ?? 0
    switch command {
    case .horizontalAxis:
      let all = HorizontalAxis.allCases
      axis = all[((all.firstIndex(of: axis) ?? 0) + 1) % all.count]
      session.note("loss over \(axis.rawValue == "seconds" ? "seconds" : axis.rawValue + "s")")
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
    case .loss, .gradient, .quality:
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
      return [.sample(request, Self.preview)]
    case .sampling(.frame(let number, let frame), Self.preview) where number >= firstRequest:
      playback.add(frame, number: number, weightsStep: session.model?.step ?? 0)
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

import Diffusion
import TUI

/// What the network learns from, and what goes on in it: the data beside the network's layers, and what a
/// layer computes for the selected sample at the noise level in view.
struct InsideScreen: Screen {
  static let title = "Inside"

  enum Panel: Sendable {
    /// The layers of the network.
    case network
    /// What the selected layer computes.
    case output
    /// The noise level.
    case level
    /// The selected sample at that level, and the training samples nearest to it.
    case sample
    /// The training data.
    case data
    /// Which samples are shown.
    case selection
  }

  enum Command: String {
    case head
    case up
    case down
  }

  static let attention = KeyContext("attention")
  static let pages = KeyContext("pages")

  static let keys: [KeyBinding] = KeyBinding.group(
    title, in: [pages],
    [
      .init([.pageUp, .shiftUp, .shiftLeft], .change(-20), "20 back", help: "Go back by twenty"),
      .init([.pageDown, .shiftDown, .shiftRight], .change(20), "20 on", help: "Go on by twenty"),
      .init(
        ["h"], own(Command.head), in: [attention], "next head",
        help: "Show the weights of the next attention head, or their mean", prominence: 68),
      .init([.left], .change(-1), in: [attention], "query", help: "Choose the query to the left"),
      .init(
        [.right], .change(1), in: [attention], "query", help: "Choose the query to the right",
        prominence: 70),
      .init([.up], own(Command.up), in: [attention], "query", help: "Choose the query above"),
      .init([.down], own(Command.down), in: [attention], "query", help: "Choose the query below"),
      .init([.home], .home, in: [attention], "first", help: "Choose the first query"),
      .init([.end], .end, in: [attention], "last", help: "Choose the last query"),
    ])

  var focus = PanelFocus(Panel.network)
  let panels: [Panel] = [.network, .output, .level, .sample, .data, .selection]
  /// The place of the selected training sample among those of its class.
  var place = 0
  /// The class that is shown; nil for all.
  var label: Int?
  /// Whether a generated sample is looked at rather than one of the data.
  var showsGenerated = false
  /// The number of the selected generated sample.
  var generatedIndex = 0
  var generated = GeneratedSamples()
  /// What the noise of training samples is drawn from.
  var seed: UInt64 = 0
  /// The noise in view as σ/α, and its place on the timeline where several levels are alike.
  var level = (ratio: 1.0, place: 0)
  var isPlaying = false
  var speed = PlaySpeed()
  /// The number of the selected layer.
  var layer = 0
  /// The selected channel of its output.
  var channel = 0
  /// The query and the head whose attention weights are shown; no head for the mean of all.
  var query = 0
  var head: Int?
  /// Whether attention layers show their output rather than their weights.
  var showsOutput = false
  /// Whether points are shown with the network's score over the plane.
  var showsField = false
  /// Whether the data shows its statistics.
  var showsStatistics = false

  // What was computed in the background: the newest of each kind, which stays in view until the next.
  var figure: NetworkFigure?
  var capture: LayerCapture?
  var nearest: NearestSamples?
  var statistics: DataStatistics?
  var field: ShownField?
  /// What is being computed.
  var computing: Set<Work> = []
  /// Whether something else may be wanted than what was computed or is being computed.
  var isStale = true

  let selections = Memo<DataSelection.Key, DataSelection>()
  let levels = Memo<ScheduleConfiguration, [NoiseStep]>()
  let noised = Memo<SampleKey, NoisedSample>()
  let pageImages = Memo<PageKey, [PixelImage]>()
  let nearestImages = Memo<NearestSamples.Key, [PixelImage]>()
  let partImages = Memo<PartsKey, [PixelImage]>()
  let weights = Memo<WeightsKey, [Float]>()

  init(_ session: Session) {}

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .network: [.list]
    case .output: isOnAttention ? [Self.attention] : [.samples, Self.pages]
    case .level: [.timeline]
    case .sample: [.samples]
    case .data: [.samples, Self.pages]
    case .selection: []
    }
  }

  /// Whether the output panel shows attention weights.
  var isOnAttention: Bool { !showsOutput && capture?.output.attention != nil }

  mutating func appear(_ session: inout Session) -> [Effect] {
    isStale = true
    // The newest weights, rather than those of the last preview.
    return session.phase == .training ? session.askForModel() : []
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    isStale = true
    switch action {
    case .own(Self.title, let name):
      if let command = Command(rawValue: name) { perform(command, &session) }
    case .change(let steps): move(by: steps, session)
    case .home: move(by: -Self.far, session)
    case .end: move(by: Self.far, session)
    case .enter: toggleEnlargement()
    case .frame(let steps): scrub(by: steps, session)
    case .play: togglePlaying(&session)
    case .playSpeed(let steps):
      speed.change(by: steps)
      session.note(speed.text)
    case .newNoise: newNoise(&session)
    case .nextView: showNextView(&session)
    default: break
    }
    return []
  }

  /// More than anything here is long.
  private static let far = Int.max / 2

  private mutating func move(by steps: Int, _ session: Session) {
    switch focus.panel {
    case .network: layer = bounded(layer, steps, figure?.summary.rows.count ?? 0)
    case .output where isOnAttention:
      query = bounded(query, steps, capture?.output.attention?.count ?? 0)
    case .output: channel = bounded(channel, steps, capture?.output.shape.channels ?? 0)
    case .level: scrub(by: steps, session)
    case .sample, .data: selectSample(by: steps, session)
    case .selection: break
    }
  }

  func bounded(_ value: Int, _ steps: Int, _ count: Int) -> Int {
    min(max(value + steps, 0), max(count - 1, 0))
  }

  private mutating func perform(_ command: Command, _ session: inout Session) {
    guard let scores = capture?.output.attention else { return }
    switch command {
    case .up: if query >= scores.width { query -= scores.width }
    case .down: if query + scores.width < scores.count { query += scores.width }
    case .head:
      let next = (head ?? -1) + 1
      head = next < scores.heads && scores.heads > 1 ? next : nil
      session.note(head.map { "head \($0 + 1) of \(scores.heads)" } ?? "mean of all heads")
    }
  }

  private mutating func selectSample(by steps: Int, _ session: Session) {
    if focus.panel == .data { showsGenerated = false }
    if isGenerated(session) {
      generatedIndex = bounded(generatedIndex, steps, generated.count)
    } else if let selection = selection(session) {
      place = bounded(place, steps, selection.count)
    }
  }

  /// The panel fills the screen, or is one of several again; of the data the selected sample does.
  private mutating func toggleEnlargement() {
    if focus.panel == .data {
      (focus.panel, focus.isZoomed) = (.sample, true)
    } else {
      focus.isZoomed.toggle()
    }
  }

  private mutating func togglePlaying(_ session: inout Session) {
    if !isPlaying, levelPlace(session) + 1 >= steps(session).count { scrub(to: 0, session) }
    isPlaying.toggle()
    session.note(isPlaying ? "playing" : "stopped")
  }

  private mutating func newNoise(_ session: inout Session) {
    seed &+= 1
    session.note(
      "new \(session.measures.isText ? "masks" : "noise") on the training samples: seed \(seed)")
  }

  private mutating func showNextView(_ session: inout Session) {
    if focus.panel == .data {
      showsStatistics.toggle()
      session.note(showsStatistics ? "data: statistics" : "data: samples")
    } else if focus.panel == .sample {
      guard session.format?.shape.sampleCount == 2 else { return }
      showsField.toggle()
      session.note(showsField ? "sample: score and density" : "sample: nearest training samples")
    } else if capture?.output.attention != nil {
      showsOutput.toggle()
      session.note(showsOutput ? "attention: output" : "attention: weights")
    }
  }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play: sample(session) == nil ? .notOffered : .named(isPlaying ? "stop" : "play")
    case .nextView where focus.panel == .data:
      session.dataset == nil ? .notOffered : .named(showsStatistics ? "samples" : "statistics")
    case .nextView where focus.panel == .sample:
      session.format?.shape.sampleCount == 2
        ? .named(showsField ? "nearest" : "score field") : .notOffered
    case .nextView:
      capture?.output.attention == nil
        ? .notOffered : .named(showsOutput ? "attention weights" : "layer output")
    case .newNoise: isGenerated(session) ? .notOffered : .asTable
    default: .asTable
    }
  }

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.model, _), .run(.started, _): isStale = true
    case .computed(let result, Self.title): take(result, session)
    case .sampling(let event, let slot):
      guard generated.receive(event, slot) else { break }
      isStale = true
      generatedIndex = bounded(generatedIndex, 0, generated.count)
    default: break
    }
    return []
  }

  var tickInterval: Double? {
    isPlaying ? speed.interval : isStale ? 0.02 : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    if isPlaying { playOn(session) }
    return compute(session)
  }

  private mutating func playOn(_ session: Session) {
    if levelPlace(session) + 1 < steps(session).count {
      move(to: levelPlace(session) + 1, session)
    } else {
      isPlaying = false
    }
  }
}

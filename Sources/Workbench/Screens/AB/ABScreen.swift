import Diffusion
import TUI

/// Two ways to draw samples, from the same noise and in lockstep, and what is between them.
struct ABScreen: Screen {
  static let title = "A/B"

  enum Panel: Sendable {
    case first
    case second
    case difference
    /// The timelines of both sides, and how far they are apart on the way.
    case trajectory
    case firstSettings
    case secondSettings
  }

  enum Command: String {
    case swap
    case difference
  }

  static let keys: [KeyBinding] = KeyBinding.group(
    title, in: [context],
    [
      .init(
        ["x"], own(Command.swap), "swap", help: "Swap the sides A and B", prominence: 59),
      .init(
        ["d"], own(Command.difference), "difference",
        help: "Show or hide the difference between the sides", prominence: 57),
    ])

  static let slots = [SampleSlot("A"), SampleSlot("B")]
  static let names = ["A", "B"]

  /// What is shown of each side.
  enum View: String, CaseIterable, Sendable {
    case both
    case predictions = "predicted x_0"
    case samples = "x_t"

    var name: String { self == .both ? "x_t and predicted x_0" : rawValue }
  }

  var focus = PanelFocus(Panel.trajectory)
  var panels: [Panel] {
    [.trajectory, .firstSettings, .secondSettings, .first, .second]
      + (showsDifference ? [.difference] : [])
  }
  var sides: [ABSide]
  /// The weights of the open run that both sides were given, so that only the settings differ.
  private(set) var model: Model?
  /// The raw weights of the open run, where a side samples them.
  private(set) var rawModel: Model?
  /// Whether the next averaged weights that come are to be sampled.
  private(set) var wantsModel = false
  /// Whether the next raw weights that come are to be sampled.
  private var wantsRawModel = false
  /// The runs whose weights can be chosen.
  private(set) var runs: [RunSummary] = []
  /// The weights of other runs that sides sample.
  private(set) var others: [RunFolder: OtherWeights] = [:]
  private(set) var lockstep = Lockstep([[], []])
  private(set) var difference = TrajectoryDifference(of: Lockstep([[], []]))
  /// The place in view.
  private(set) var place = 0
  /// The noise σ/α in view, which stays when settings change.
  private var ratio = Double.infinity
  private(set) var isPlaying = true
  private(set) var speed = PlaySpeed()
  private(set) var view = View.both
  private(set) var showsDifference = true
  var selected = 0
  /// What is between the frames in view.
  let pair = Memo<PairKey, PairDifference>()

  init(_ session: Session) {
    sides = Self.slots.map { ABSide($0, session.sampling) }
  }

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .trajectory: [.timeline]
    case .first, .second, .difference: [.samples]
    case .firstSettings, .secondSettings: []
    }
  }

  mutating func appear(_ session: inout Session) -> [Effect] {
    let reading = Effect.compute(screen: Self.title) {
      RunSummary.all(in: RunFolder.standardParent)
    }
    guard sides[0].requestNumber == 0, !wantsModel else { return [reading] }
    sides[0].sampling = session.sampling
    sides[1].sampling = Self.contrast(to: session.sampling)
    return [reading] + sample(&session)
  }

  /// The same with and without fresh noise on the way, which is worth a look first.
  private static func contrast(to sampling: SamplingConfiguration) -> SamplingConfiguration {
    var other = sampling
    let isText = sampling.sampler.isForText
    let (usual, without) =
      isText ? (MaskedAncestral.name, FirstHitting.name) : (DDPM.name, DDIM.name)
    let name = sampling.sampler.name == usual ? without : usual
    try? other.set("sampler", to: .text(name))
    return other
  }

  // MARK: Actions

  mutating func sample(_ session: inout Session) -> [Effect] {
    guard session.phase != .idle else { return [] }
    wantsModel = true
    wantsRawModel = sides.contains { $0.weights == .raw }
    return wantsRawModel
      ? session.takeRawWeights(true, by: Self.title) : session.askForModel()
  }

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case Self.own(Command.swap):
      swapSides()
      session.note("A and B are swapped")
    case Self.own(Command.difference):
      showsDifference.toggle()
      if focus.panel == .difference { focus.panel = .trajectory }
      session.note(showsDifference ? "the difference is shown" : "the difference is hidden")
    case .nextView:
      let all = View.allCases
      view = all[((all.firstIndex(of: view) ?? 0) + 1) % all.count]
      session.note("showing \(view.name)")
    case .newNoise: return drawNewNoise(&session)
    case .change(let steps):
      if isOnSamples { selectSample(by: steps) } else { scrub(to: place + steps) }
    case .frame(let steps): scrub(to: place + steps)
    case .home: if isOnSamples { selected = 0 } else { scrub(to: 0) }
    case .end: if isOnSamples { selectSample(by: 1 << 30) } else { scrub(to: lockstep.count - 1) }
    case .enter where isOnSamples && samples != nil: return [.enlarge]
    case .play: togglePlaying(&session)
    case .playSpeed(let steps):
      speed.change(by: steps)
      session.note(speed.text)
    default: break
    }
    return []
  }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play: samples == nil ? .notOffered : .named(isPlaying ? "stop" : "play")
    case .enter where isOnSamples && samples == nil: .notOffered
    case Self.own(Command.difference): .named(showsDifference ? "hide difference" : "difference")
    default: .asTable
    }
  }

  private var isOnSamples: Bool { contexts(of: focus.panel).contains(.samples) }

  private mutating func swapSides() {
    sides.swapAt(0, 1)
    align()
  }

  /// Other noise for both; sides that differ in their seeds go on to do so.
  private mutating func drawNewNoise(_ session: inout Session) -> [Effect] {
    for index in sides.indices {
      sides[index].sampling.seed = Session.seed(after: sides[index].sampling.seed)
    }
    session.note("new noise: seed \(sides[0].sampling.seed)")
    return begin([0, 1], &session)
  }

  private mutating func togglePlaying(_ session: inout Session) {
    session.note(isPlaying ? "stopped" : "playing")
    if !isPlaying, place + 1 >= lockstep.count { show(0) }
    isPlaying.toggle()
  }

  /// Whether what is about one side is about B.
  private var isOnSecond: Bool { focus.panel == .second || focus.panel == .secondSettings }

  var samples: (frame: Frame, selected: Int)? {
    sides[isOnSecond ? 1 : 0].frame.map { ($0, selected) }
  }

  func exportName(_ frame: Frame, _ model: Model) -> String {
    let side = sides[isOnSecond ? 1 : 0]
    return "side-\(isOnSecond ? "b" : "a")-\(side.weightsStep)-seed-\(side.sampling.seed)"
      + "-frame-\(frame.index)"
  }

  mutating func selectSample(by steps: Int) {
    let count = sides.compactMap { $0.frame?.shape.batch }.min() ?? 1
    selected = min(max(selected + steps, 0), max(count, 1) - 1)
  }

  // MARK: Places

  /// Stops at a place.
  mutating func scrub(to place: Int) {
    isPlaying = false
    show(min(max(place, 0), max(lockstep.count - 1, 0)))
  }

  private mutating func show(_ place: Int) {
    self.place = place
    guard place < lockstep.count else { return }
    ratio = lockstep.ratios[place]
    showFrames()
  }

  private mutating func showFrames() {
    for index in sides.indices where place < lockstep.frames[index].count {
      sides[index].show(lockstep.frames[index][place])
    }
  }

  /// Puts both trajectories side by side anew, at the noise in view.
  private mutating func align() {
    let isOfText = sides.contains { $0.sampling.sampler.isForText }
    lockstep = Lockstep(sides.map(\.ratios), isOfText: isOfText)
    difference = TrajectoryDifference(of: lockstep)
    difference.measure(sides.map(\.recording), lockstep)
    show(lockstep.place(nearestTo: ratio))
  }

  /// Whether both sides have their frame of a place.
  private func isThere(_ place: Int) -> Bool {
    place < lockstep.count
      && zip(sides, lockstep.frames).allSatisfy { side, frames in
        // A side without a trajectory holds up nobody.
        frames.isEmpty || side.problem != nil || frames[place] < side.recording.count
      }
  }

  var tickInterval: Double? {
    isPlaying && (isThere(place + 1) || place + 1 >= lockstep.count && lockstep.count > 0)
      ? speed.interval : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    if isPlaying, isThere(place + 1) {
      show(place + 1)
    } else if place + 1 >= lockstep.count {
      isPlaying = false
    }
    return []
  }

  // MARK: Sampling

  /// The weights of a side, where they are known.
  func model(of side: ABSide) -> Model? {
    switch side.weights {
    case .averaged: model
    case .raw: rawModel
    case .run(let folder): others[folder]?.model
    }
  }

  /// The schedule that goes with the weights of a side.
  func ownSchedule(of side: ABSide, _ session: Session) -> ScheduleConfiguration {
    switch side.weights {
    case .averaged, .raw: session.samplingSchedule
    case .run(let folder): others[folder]?.model?.schedule ?? session.samplingSchedule
    }
  }

  func schedule(of side: ABSide, _ session: Session) -> ScheduleConfiguration {
    side.schedule ?? ownSchedule(of: side, session)
  }

  /// Draws the samples of some sides, each from the noise of its seed.
  mutating func begin(_ indices: [Int], _ session: inout Session) -> [Effect] {
    var effects: [Effect] = []
    for index in indices {
      guard let model = model(of: sides[index]) else { continue }
      let schedule = schedule(of: sides[index], session)
      sides[index].sampling.steps = min(sides[index].sampling.steps, schedule.timesteps)
      let request = session.request(sides[index].sampling, along: schedule, from: model)
      sides[index].begin(request)
      if sides[index].problem == nil { effects.append(.sample(request, sides[index].slot)) }
    }
    if !effects.isEmpty { align() }
    selectSample(by: 0)
    return effects
  }

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.model(let model), _) where wantsModel:
      wantsModel = false
      self.model = model
      return begin(sides.indices.filter { sides[$0].weights != .raw }, &session)
    case .run(.rawModel(let model), _) where wantsRawModel:
      wantsRawModel = false
      rawModel = model
      return begin(sides.indices.filter { sides[$0].weights == .raw }, &session)
    case .computed(let runs as [RunSummary], Self.title):
      self.runs = runs
    case .computed(let other as OtherWeights, Self.title): return take(other, &session)
    case .sampling(.frame(let number, let frame), let slot):
      guard let index = side(slot, number) else { break }
      sides[index].add(frame, session.format)
      difference.measure(sides.map(\.recording), lockstep)
      showFrames()
    case .sampling(.failed(let number, let sentence), let slot):
      guard let index = side(slot, number) else { break }
      sides[index].problem = sentence
    default: break
    }
    return []
  }

  /// The side that waits for the frames of a request.
  private func side(_ slot: SampleSlot, _ number: Int) -> Int? {
    sides.firstIndex { $0.slot == slot && $0.requestNumber == number }
  }

  /// Keeps the weights of no run that is not sampled, so that a run chosen again is read again.
  mutating func forgetUnused() {
    others = others.filter { folder, _ in sides.contains { $0.weights == .run(folder) } }
  }

  /// Takes in the weights of another run, which must make samples of the same shape.
  private mutating func take(_ other: OtherWeights, _ session: inout Session) -> [Effect] {
    var other = other
    if let model = other.model, let format = session.format,
      model.format.shape != format.shape || model.format.kind != format.kind
    {
      other.model = nil
      other.problem =
        "\(other.folder.name) makes samples of \(model.format.shape.sampleText), not of "
        + "\(format.shape.sampleText)"
    }
    let waiting = sides.indices.filter { sides[$0].weights == .run(other.folder) }
    guard !waiting.isEmpty else { return [] }
    others[other.folder] = other
    for index in waiting { sides[index].problem = other.problem }
    return begin(waiting, &session)
  }
}

extension Shape {
  /// The extent of a sample, such as “14×14×1”.
  fileprivate var sampleText: String { "\(height)×\(width)×\(channels)" }
}

import Diffusion
import TUI

/// The reverse process, frame by frame, from noise to samples.
struct DenoiseScreen: Screen {
  static let title = "Denoise"

  enum Panel: Sendable {
    /// The noisy samples x_t.
    case samples
    /// What the network believes they will become.
    case predictions
    case timeline
    case sampler
    case selected
    case noise
  }

  enum Command: String {
    case compare
    case follow
    case weights
    case loop
  }

  static let keys: [KeyBinding] = KeyBinding.group(
    title, in: [context],
    [
      .init(
        ["c"], own(Command.compare), "pin",
        help: "Pin this trajectory to compare it with the next", prominence: 45),
      .init(
        ["f"], own(Command.follow), "follow",
        help: "Follow the newest weights, or keep these", prominence: 58),
      .init(
        ["m"], own(Command.weights), "raw weights",
        help: "Switch between raw and averaged weights", prominence: 44),
      .init(
        ["k"], own(Command.loop), "loop",
        help: "Mark where a loop begins, then where it ends, then end it", prominence: 31,
        synonyms: "repeat A–B mark"),
      .init(
        ["0"], .chart(.fit), "fit", help: "Fit the axes to the points, or keep them fixed"),
    ])

  static let slot = SampleSlot("denoise")

  /// Another setting's frames, kept for comparison, and what they were made with.
  struct KeptTrajectory: Sendable {
    var recording: Recording
    var sampling: SamplingConfiguration
    var schedule: ScheduleConfiguration
    /// Half the side of the square that holds its points.
    var reach: Double
    /// The frame at the noise level nearest to the one in view.
    var frame: Frame?
  }

  /// A trajectory that is drawn in the background, from the same noise by newer weights.
  struct Successor: Sendable {
    var requestNumber: Int
    var model: Model
    var recording = Recording()
    var trails: [[ScatterPlot.Point]] = []
  }

  var focus = PanelFocus(Panel.timeline)
  let panels: [Panel] = [.timeline, .sampler, .samples, .predictions, .selected, .noise]
  /// The request whose frames are taken; its number rises.
  private(set) var requestNumber = 0
  private(set) var recording = Recording()
  /// The training step of the sampled weights.
  private(set) var weightsStep = 0
  /// Whether the sampled weights are those that are trained, rather than their average.
  var sampledRaw = false
  /// Whether the raw weights are to be sampled.
  var usesRaw = false
  /// Whether newer weights are sampled as soon as there are any.
  var follows = false
  /// The trajectory by newer weights that will take the place of this one when it is complete.
  var successor: Successor?
  /// How many frames the trajectory will have.
  private(set) var frameCount = 0
  private(set) var isComplete = false
  /// The number of the frame in view.
  private(set) var frameIndex = 0
  /// The frame in view, or nil before the first.
  private(set) var frame: Frame?
  var isPlaying = true
  private(set) var speed = PlaySpeed()
  /// The frames that are played again and again.
  var loop: Loop?
  /// What the left and the right panel of samples show.
  var leftView = View.noisy
  var rightView = View.prediction
  /// The network that is sampled.
  private(set) var sampledModel: Model?
  /// The newest score field that was computed.
  var field: ScoreField?
  var isComputingField = false
  /// The noise at which the view stays when settings change, or nil to play from the start.
  var heldRatio: Double?
  /// Whether the view stays in noise when the samples come that were asked for.
  var holdsFrame = false
  /// The sample that is shown large.
  var selected = 0
  private(set) var comparison: KeptTrajectory?
  private(set) var problem: String?
  /// Where the points were in each frame, of data that is points; empty for other data.
  private(set) var trails: [[ScatterPlot.Point]] = []
  /// Half the side of the square that holds all points from x_T on, so that axes stay through a trajectory.
  private(set) var reach = 1.0
  /// Whether the axes of points follow the frame in view instead.
  private(set) var fitsPoints = false
  /// The frames of the filmstrip.
  let film = Memo<FilmKey, [Frame]>()
  let noisyImages = SampleView.Images()
  let predictedImages = SampleView.Images()
  /// The numbers that both panels show.
  let leftValues = Memo<ValueKey, [Float]>()
  let rightValues = Memo<ValueKey, [Float]>()
  /// The nearest training sample, of a sample of a frame.
  let neighbor = Memo<NeighborKey, IdealDenoiser.Neighbor?>()

  struct NeighborKey: Equatable {
    var request: Int
    var frame: Int
    var sample: Int
  }

  init(_ session: Session) {}

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .timeline, .noise: [.timeline]
    case .samples, .predictions, .selected: [.samples]
    case .sampler: []
    }
  }

  mutating func appear(_ session: inout Session) -> [Effect] {
    requestNumber == 0 && !session.wantsSamples ? session.requestSamples() : []
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case .own(Self.title, let name):
      return Command(rawValue: name).map { perform($0, &session) } ?? []
    case .change(let steps):
      if isOnSamples { selectSample(by: steps) } else { scrub(to: frameIndex + steps) }
    case .enter where isOnSamples && frame != nil: toggleEnlargement()
    case .play: togglePlaying(&session)
    case .playSpeed(let steps): changeSpeed(by: steps, &session)
    case .frame(let steps): scrub(to: frameIndex + steps)
    case .newNoise:
      session.note("new noise: seed \(Session.seed(after: session.sampling.seed))")
      session.sampling.seed = Session.seed(after: session.sampling.seed)
      heldRatio = nil
      return begin(&session)
    case .nextView: showNextView(&session)
    case .chart(.fit): fitsPoints.toggle()
    case .home: goToEnd(first: true)
    case .end: goToEnd(first: false)
    default: break
    }
    return []
  }

  private mutating func perform(_ command: Command, _ session: inout Session) -> [Effect] {
    switch command {
    case .follow: return toggleFollowing(&session)
    case .weights: return toggleWeights(&session)
    case .compare: toggleComparison(&session)
    case .loop: markLoop(&session)
    }
    return []
  }

  /// The selected sample fills the screen, above the timeline, or is one of many again.
  private mutating func toggleEnlargement() {
    let isEnlarged = focus.panel == .selected && focus.isZoomed
    focus.panel = isEnlarged ? .samples : .selected
    focus.isZoomed = !isEnlarged
  }

  private mutating func goToEnd(first: Bool) {
    if isOnSamples {
      selected = first ? 0 : max(0, (frame?.shape.batch ?? 1) - 1)
    } else {
      scrub(to: first ? 0 : recording.count - 1)
    }
  }

  private var isOnSamples: Bool { contexts(of: focus.panel).contains(.samples) }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play: frame == nil ? .notOffered : .named(isPlaying ? "stop" : "play")
    case .enter where isOnSamples && frame == nil: .notOffered
    case Self.own(Command.compare): comparison == nil ? .asTable : .named("unpin")
    case Self.own(Command.loop): frame == nil ? .notOffered : .named(loopTitle)
    case .nextView: comparedPair == nil ? .asTable : .notOffered
    case Self.own(Command.follow):
      session.canTrain ? .named(follows ? "stop following" : "follow") : .notOffered
    case Self.own(Command.weights):
      session.hasRawWeights
        ? .named(usesRaw ? "averaged weights" : "raw weights") : .notOffered
    default: .asTable
    }
  }

  private mutating func togglePlaying(_ session: inout Session) {
    session.note(isPlaying ? "stopped at frame \(frameIndex)" : "playing")
    if !isPlaying && frameIndex + 1 >= recording.count { show(0) }
    isPlaying.toggle()
    heldRatio = isPlaying ? nil : frame?.level.sigmaOverAlpha
  }

  private mutating func changeSpeed(by steps: Int, _ session: inout Session) {
    speed.change(by: steps)
    session.note(speed.text)
  }

  /// Keeps the present frames beside those of the next setting, or lets them go.
  private mutating func toggleComparison(_ session: inout Session) {
    guard comparison == nil else {
      comparison = nil
      return session.note("comparison ended")
    }
    guard isComplete else {
      return session.note("wait for the trajectory to finish before comparing")
    }
    comparison = KeptTrajectory(
      recording: recording, sampling: session.sampling, schedule: session.samplingSchedule,
      reach: reach)
    show(frameIndex)
    session.note("pinned; change a setting to compare both at the same noise level")
  }

  var samples: (frame: Frame, selected: Int)? { frame.map { ($0, selected) } }

  mutating func selectSample(by steps: Int) {
    selected = min(max(selected + steps, 0), max(frame?.shape.batch ?? 1, 1) - 1)
  }

  // MARK: Frames

  /// Stops at a frame.
  mutating func scrub(to index: Int) {
    isPlaying = false
    show(min(max(index, 0), max(recording.count - 1, 0)))
    heldRatio = frame?.level.sigmaOverAlpha
  }

  /// Shows a frame that is there, and the one of the comparison that belongs to it.
  mutating func show(_ index: Int) {
    frameIndex = index
    do {
      frame = index < recording.count ? try recording.frame(at: index) : nil
      guard let ratio = frame?.level.sigmaOverAlpha, let kept = comparison?.recording,
        let nearest = kept.nearestIndex(ratio: ratio)
      else { return }
      comparison?.frame = try kept.frame(at: nearest)
    } catch {
      problem = "\(error)"
    }
  }

  /// Asks for samples with the present settings, from the newest weights or those that were sampled last.
  mutating func begin(_ session: inout Session, withNewest: Bool = true) -> [Effect] {
    let sampled = sampledRaw == usesRaw ? sampledModel : nil
    guard let model = (withNewest ? nil : sampled) ?? model(of: session) else {
      session.wantsSamples = session.phase != .stopped && session.phase != .idle
      return []
    }
    successor = nil
    let request = session.request(
      session.sampling, along: session.samplingSchedule, from: model)
    requestNumber = request.number
    recording = Recording()
    trails = []
    isComplete = false
    problem = nil
    frameCount = 0
    show(0)
    (sampledModel, weightsStep) = (model, model.step)
    sampledRaw = usesRaw
    isPlaying = heldRatio == nil
    return [.sample(request, Self.slot)]
  }

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.model, _) where !usesRaw, .run(.rawModel, _) where usesRaw:
      guard session.wantsSamples else { return follow(&session) }
      session.wantsSamples = false
      if !holdsFrame { heldRatio = nil }
      holdsFrame = false
      return begin(&session)
    case .computed(let field as ScoreField, Self.title): take(field)
    case .sampling(.frame(let number, let frame), Self.slot)
    where number == successor?.requestNumber:
      successor?.add(frame, isPoints: session.format?.kind == .points)
    case .sampling(.finished(let number), Self.slot) where number == successor?.requestNumber:
      return succeed() ? follow(&session) : begin(&session)
    case .sampling(.failed(let number, let sentence), Self.slot)
    where number == successor?.requestNumber:
      successor = nil
      session.note(sentence)
    case .sampling(.frame(let number, let frame), Self.slot) where number == self.requestNumber:
      record(frame, &session)
    case .sampling(.finished(let number), Self.slot) where number == self.requestNumber:
      isComplete = true
      return follow(&session)
    case .sampling(.failed(let number, let sentence), Self.slot) where number == self.requestNumber:
      problem = sentence
    default: break  // an answer to an older request among them
    }
    return []
  }

  private mutating func record(_ frame: Frame, _ session: inout Session) {
    do {
      try recording.append(frame)
    } catch {
      if problem == nil { session.note("\(error)") }
      problem = "\(error)"
      return
    }
    frameCount = frame.frameCount
    if frame.index == 0 { reach = SampleView.reach(of: frame.x, session.format) }
    if session.format?.kind == .points {
      trails.append(ScatterPlot.points(frame.x))
    }
    if let heldRatio {
      // The view stays where it was in noise while the new trajectory grows past it.
      show(recording.nearestIndex(ratio: heldRatio) ?? 0)
    } else if self.frame == nil {
      show(frameIndex)
    }
  }

  /// Shows the trajectory by newer weights in place of this one, at the same frame; false where it has other
  /// frames.
  private mutating func succeed() -> Bool {
    guard let next = successor, next.recording.count == recording.count else {
      successor = nil
      return false
    }
    (recording, trails, successor) = (next.recording, next.trails, nil)
    requestNumber = next.requestNumber
    (sampledModel, weightsStep) = (next.model, next.model.step)
    sampledRaw = usesRaw
    show(min(frameIndex, recording.count - 1))
    return true
  }

  var tickInterval: Double? {
    if isPlaying, frameIndex + 1 < recording.count || isComplete { return speed.interval }
    return isFieldStale ? 0.03 : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    if isPlaying { playOn() }
    return computeField(session)
  }

  private mutating func playOn() {
    if let loop = loopedFrames, !(loop.lowerBound..<loop.upperBound).contains(frameIndex) {
      show(loop.lowerBound)
    } else if frameIndex + 1 < recording.count {
      show(frameIndex + 1)
    } else if isComplete {
      isPlaying = false
    }
  }
}

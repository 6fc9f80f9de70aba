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
    case play
    case slower
    case faster
    case newNoise
    case compare
    case previousFrame
    case nextFrame
    case fit
  }

  static let keys: [KeyBinding] = KeyBinding.group(
    title, in: [context],
    [
      .init([" "], own(Command.play), "play", help: "Play or pause the frames", prominence: 90),
      .init(["["], own(Command.slower), "slower", help: "Play more slowly", prominence: 33),
      .init(["]"], own(Command.faster), "faster", help: "Play faster", prominence: 32),
      .init(
        ["r"], own(Command.newNoise), "new noise", help: "Sample from new noise", prominence: 62),
      .init(
        ["c"], own(Command.compare), "compare",
        help: "Keep this trajectory to compare with the next one", prominence: 45),
      .init(
        [","], own(Command.previousFrame), "frame back",
        help: "Go one frame towards x_T, whatever is focused"),
      .init(
        ["."], own(Command.nextFrame), "frame on",
        help: "Go one frame towards x_0, whatever is focused"),
      .init(
        ["0"], own(Command.fit), "fit", help: "Fit the axes of points to the frame, or fix them"),
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

  var focus = PanelFocus(Panel.timeline)
  let panels: [Panel] = [.timeline, .sampler, .samples, .selected]
  /// The request whose frames are taken; its number rises.
  private(set) var requestNumber = 0
  private(set) var recording = Recording()
  /// The training step of the sampled weights.
  private(set) var weightsStep = 0
  /// How many frames the trajectory will have.
  private(set) var frameCount = 0
  private(set) var isComplete = false
  /// The number of the frame in view.
  private(set) var frameIndex = 0
  /// The frame in view, or nil before the first.
  private(set) var frame: Frame?
  private(set) var isPlaying = true
  /// Frames a second when playing.
  private(set) var speed = 24.0
  /// The noise at which the view stays when settings change, or nil to play from the start.
  private(set) var heldRatio: Double?
  /// The sample that is shown large.
  var selected = 0
  private(set) var comparison: KeptTrajectory?
  private(set) var problem: String?
  /// Where the points were in each frame, of data that is points; empty for other data.
  private(set) var trails: [[ScatterPlot.Point]] = []
  /// Half the side of the square that holds all points from x_T on, so that axes stay through a path.
  private(set) var reach = 1.0
  /// Whether the axes of points follow the frame in view instead.
  private(set) var fitsPoints = false
  /// The frames of the filmstrip.
  let film = Memo<FilmKey, [Frame]>()
  let noisyPictures = SampleView.Pictures()
  let predictedPictures = SampleView.Pictures()
  /// The nearest training sample, of a sample of a frame.
  let neighbor = Memo<NeighborKey, IdealDenoiser.Neighbor?>()

  struct NeighborKey: Equatable {
    var request: Int
    var frame: Int
    var sample: Int
  }

  private static let speeds = [1.0, 2, 4, 8, 12, 24, 30, 60]
  /// The most samples drawn at a time.
  private static let countLimit = 256

  init(_ session: Session) {}

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .timeline: [.timeline]
    case .samples, .selected: [.samples]
    case .predictions, .sampler, .noise: []
    }
  }

  mutating func appear(_ session: inout Session) -> [Effect] {
    requestNumber == 0 && !session.wantsSamples ? session.requestSamples() : []
  }

  // MARK: Fields

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard panel == .sampler else { return [] }
    let own = session.sampling.sampler.settings.map(\.key)
    let model = session.model
    let hasClasses =
      (model?.format.classNames.count ?? 0) > 0 && (model?.network.classes ?? 0) > 0
    let keys = own + ["seed", "count", "clip"] + (hasClasses ? ["class", "guidance"] : [])
    return keys.compactMap { key in
      Self.setting(key, session).map {
        FieldValue(key, $0, session.sampling.value(of: key) ?? Self.anyClass(key))
      }
    }
  }

  /// A setting of the sampling; classes are those of the model.
  private static func setting(_ key: String, _ session: Session) -> SettingInfo? {
    guard let info = session.sampling.setting(key) else { return nil }
    switch key {
    case "class":
      let names = ["any"] + (session.model?.format.classNames ?? [])
      return info.allowing(.word(names.map { AllowedValues.Choice($0) }))
    case "count": return info.allowing(.integer(1...countLimit, step: 1))
    case "steps": return info.allowing(.integer(1...session.samplingSchedule.timesteps, step: 1))
    default: return info
    }
  }

  /// What an absent class is called.
  private static func anyClass(_ key: String) -> SettingValue? {
    key == "class" ? .text("any") : nil
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    guard let info = Self.setting(key, session),
      let value = session.sampling.value(of: key) ?? Self.anyClass(key),
      let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
    else { return [] }
    var sampling = session.sampling
    // A value that can be stepped to is allowed.
    try? Self.set(key, to: next, &sampling)
    return sample(with: sampling, &session)
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    guard let info = Self.setting(key, session) else { return [] }
    var sampling = session.sampling
    try info.type(text) { (value) throws(SettingError) in
      guard info.allowed.allows(value) else { throw .notAllowed }
      try Self.set(key, to: value, &sampling)
    }
    return sample(with: sampling, &session)
  }

  private static func set(
    _ key: String, to value: SettingValue, _ sampling: inout SamplingConfiguration
  ) throws(SettingError) {
    if value == anyClass(key) {
      sampling.className = nil
    } else {
      try sampling.set(key, to: value)
    }
  }

  /// Draws the samples again, from the same noise, if anything changed.
  private mutating func sample(
    with sampling: SamplingConfiguration, _ session: inout Session
  ) -> [Effect] {
    guard sampling != session.sampling else { return [] }
    session.sampling = sampling
    selected = min(selected, sampling.count - 1)
    return begin(&session)
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case .own(Self.title, let name):
      return Command(rawValue: name).map { perform($0, &session) } ?? []
    case .change(let steps):
      if isLookingAtOne { selectSample(by: steps) } else { scrub(to: frameIndex + steps) }
    case .enter where isLookingAtOne && frame != nil: toggleEnlargement()
    case .home: goToEnd(first: true)
    case .end: goToEnd(first: false)
    default: break
    }
    return []
  }

  private mutating func perform(_ command: Command, _ session: inout Session) -> [Effect] {
    switch command {
    case .play: togglePlaying()
    case .slower: changeSpeed(by: -1)
    case .faster: changeSpeed(by: 1)
    case .newNoise:
      session.sampling.seed = Session.seed(after: session.sampling.seed)
      heldRatio = nil
      return begin(&session)
    case .compare: toggleComparison(&session)
    case .previousFrame: scrub(to: frameIndex - 1)
    case .nextFrame: scrub(to: frameIndex + 1)
    case .fit: fitsPoints.toggle()
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
    if isLookingAtOne {
      selected = first ? 0 : max(0, (frame?.shape.batch ?? 1) - 1)
    } else {
      scrub(to: first ? 0 : recording.count - 1)
    }
  }

  private mutating func togglePlaying() {
    if !isPlaying && frameIndex + 1 >= recording.count { show(0) }
    isPlaying.toggle()
    heldRatio = isPlaying ? nil : frame?.level.sigmaOverAlpha
  }

  private mutating func changeSpeed(by steps: Int) {
    let index = Self.speeds.firstIndex(of: speed) ?? 0
    speed = Self.speeds[min(max(index + steps, 0), Self.speeds.count - 1)]
  }

  /// Keeps the present frames beside those of the next setting, or lets them go.
  private mutating func toggleComparison(_ session: inout Session) {
    guard comparison == nil else {
      comparison = nil
      return
    }
    guard isComplete else {
      return session.note("wait for the trajectory to finish before comparing")
    }
    comparison = KeptTrajectory(
      recording: recording, sampling: session.sampling, schedule: session.samplingSchedule,
      reach: reach)
    show(frameIndex)
    session.note("kept for comparison; change a setting to see both at the same noise level")
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
  private mutating func show(_ index: Int) {
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

  /// Asks for samples with the present settings from the newest weights.
  private mutating func begin(_ session: inout Session) -> [Effect] {
    guard let model = session.model else {
      session.wantsSamples = session.phase != .stopped && session.phase != .idle
      return []
    }
    let request = session.request(
      session.sampling, along: session.samplingSchedule, from: model)
    requestNumber = request.number
    recording = Recording()
    trails = []
    isComplete = false
    problem = nil
    frameCount = 0
    show(0)
    weightsStep = model.step
    isPlaying = heldRatio == nil
    return [.sample(request, Self.slot)]
  }

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.model, _) where session.wantsSamples:
      session.wantsSamples = false
      heldRatio = nil
      return begin(&session)
    case .sampling(.frame(let number, let frame), Self.slot) where number == self.requestNumber:
      record(frame, &session)
    case .sampling(.finished(let number), Self.slot) where number == self.requestNumber:
      isComplete = true
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

  var tickInterval: Double? {
    isPlaying && (frameIndex + 1 < recording.count || isComplete) ? 1 / speed : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    if isPlaying, frameIndex + 1 < recording.count {
      show(frameIndex + 1)
    } else if isComplete {
      isPlaying = false
    }
    return []
  }
}

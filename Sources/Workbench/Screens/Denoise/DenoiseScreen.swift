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
    /// What is made: samples, or something of a given image.
    case edit
    /// What is painted on: a mask, or the pixels of a sample.
    case canvas
  }

  enum Command: String {
    case compare
    case follow
    case weights
    case loop
    case edit
    case paint
    case resume
    case up, down, farUp, farDown, lighter, darker
  }

  static let keys: [KeyBinding] =
    KeyBinding.group(
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
        .init(
          ["E"], own(Command.edit), "edit",
          help: "Edit images: denoise, inpaint, enlarge, vary, interpolate", prominence: 47,
          synonyms: "outpaint superres colorize img2img sdedit repaint mask"),
        .init(
          ["P"], own(Command.paint), "paint",
          help: "Paint the mask, or the pixels of the selected sample", prominence: 43,
          synonyms: "draw pixels mask"),
        .init(
          ["g"], own(Command.resume), "go on from here",
          help: "Let changes act from this frame on, or from x_T", prominence: 42,
          synonyms: "resume continue frame"),
      ]) + paintingKeys

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
  var panels: [Panel] {
    [.timeline, .sampler, .samples, .predictions, .selected, .noise]
      + (offersEditing ? [.edit] : []) + (canvas == nil ? [] : [.canvas])
  }
  /// The request whose frames are taken; its number rises.
  var requestNumber = 0
  var recording = Recording()
  /// The training step of the sampled weights.
  var weightsStep = 0
  /// Whether the sampled weights are those that are trained, rather than their average.
  var sampledRaw = false
  /// Whether the raw weights are to be sampled.
  var usesRaw = false
  /// Whether newer weights are sampled as soon as there are any.
  var follows = false
  /// The trajectory by newer weights that will take the place of this one when it is complete.
  var successor: Successor?
  /// How many frames the trajectory will have.
  var frameCount = 0
  var isComplete = false
  /// The number of the frame in view.
  var frameIndex = 0
  /// The frame in view, or nil before the first.
  var frame: Frame?
  var isPlaying = true
  private(set) var speed = PlaySpeed()
  /// Whether there are images to edit.
  var offersEditing: Bool
  /// What is made.
  var editing = Editing()
  /// The file that is being read for a field.
  var awaitedFile: (key: String, path: String)?
  /// The edit that the frames are of, and a line about it; nil where they are of samples.
  var edited: Editing.Prepared?
  /// Where the trajectory goes on from that is asked for next; nil for all of it.
  var mark: ResumedFrame?
  /// What is painted on, or nil while nothing is.
  var canvas: Canvas?
  /// Whether what was painted waits to be sampled.
  var hasPainted = false
  /// The frames that are played again and again.
  var loop: Loop?
  /// What the left and the right panel of samples show.
  var leftView = View.noisy
  var rightView = View.prediction
  /// The network that is sampled.
  var sampledModel: Model?
  /// The newest score field that was computed.
  var field: ScoreField?
  var isComputingField = false
  /// The noise at which the view stays when settings change, or nil to play from the start.
  var heldRatio: Double?
  /// The frame at which the view stays where a trajectory goes on from a frame.
  var heldIndex = 0
  /// Whether the view stays in noise when the samples come that were asked for.
  var holdsFrame = false
  /// The sample that is shown large.
  var selected = 0
  var comparison: KeptTrajectory?
  var problem: String?
  /// Where the points were in each frame, of data that is points; empty for other data.
  var trails: [[ScatterPlot.Point]] = []
  /// Half the side of the square that holds all points from x_T on, so that axes stay through a trajectory.
  var reach = 1.0
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
  let waveform = Memo<NeighborKey, [Float]>()

  struct NeighborKey: Equatable {
    var request: Int
    var frame: Int
    var sample: Int
  }

  /// The similarity to the truth of a sample of a frame.
  let scores = Memo<NeighborKey, [(name: String, score: ImageScore)]>()

  init(_ session: Session) { offersEditing = session.format?.kind == .image }

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .timeline, .noise: [.timeline]
    case .samples, .predictions, .selected: [.samples]
    case .sampler, .edit: []
    case .canvas: [.painting]
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
    case .change, .enter, .play, .home, .end, .back:
      if focus.panel == .canvas { return paint(action, &session) }
    default: break
    }
    switch action {
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
    case .edit: showEditing(&session)
    case .paint: togglePainting(&session)
    case .resume: return toggleMark(&session)
    case .up: moveCursor(0, -1)
    case .down: moveCursor(0, 1)
    case .farUp: moveCursor(0, -10)
    case .farDown: moveCursor(0, 10)
    case .lighter: changeBrush(by: 1, &session)
    case .darker: changeBrush(by: -1, &session)
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

  var isOnSamples: Bool { contexts(of: focus.panel).contains(.samples) }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play where focus.panel == .canvas: .named("paint")
    case .play: frame == nil ? .notOffered : .named(isPlaying ? "stop" : "play")
    case .enter where isOnSamples && frame == nil: .notOffered
    case Self.own(Command.compare): comparison == nil ? .asTable : .named("unpin")
    case Self.own(Command.edit): offersEditing && focus.panel != .edit ? .asTable : .notOffered
    case Self.own(Command.paint): paintTitle
    case Self.own(Command.resume): resumeTitle
    case Self.own(Command.lighter), Self.own(Command.darker):
      canvas?.isMask == true ? .notOffered : .asTable
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
    session.note(
      "pinned; change a setting to compare both at the same \(session.measures.levelName)")
  }

  var samples: (frame: Frame, selected: Int)? { frame.map { ($0, selected) } }

  mutating func selectSample(by steps: Int) {
    selected = min(max(selected + steps, 0), max(frame?.shape.batch ?? 1, 1) - 1)
  }
}

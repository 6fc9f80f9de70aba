import Diffusion

/// What the screen looks at, and what it has computed in the background: of each kind the newest that is
/// wanted, one at a time.
extension InsideScreen {
  enum Work: Hashable, Sendable {
    case figure
    case capture
    case nearest
    case statistics
    case field
  }

  /// What was wanted and cannot be had.
  struct NoResult: Sendable {
    let work: Work
  }

  /// What a field of scores depends on.
  struct FieldKey: Equatable, Sendable {
    var session: Int
    var weights: Int
    var step: NoiseStep
  }

  struct ShownField: Sendable {
    let key: FieldKey
    let field: ScoreField
  }

  // MARK: What is looked at

  /// Whether a generated sample is looked at: by choice, or because there is no data.
  func isGenerated(_ session: Session) -> Bool {
    showsGenerated && generated.count > 0 || session.facts != nil && session.dataset == nil
  }

  /// The samples of the data that are shown; nil without data.
  func selection(_ session: Session) -> DataSelection? {
    session.dataset.map { dataset in
      selections.value(for: .init(session: session.number, label: label)) {
        DataSelection(dataset, label: label)
      }
    }
  }

  /// The levels of the timeline, the highest noise first: those of the generated sample's frames, or up to a
  /// hundred of the schedule.
  func steps(_ session: Session) -> [NoiseStep] {
    if isGenerated(session) { return generated.frames.map(\.step) }
    return levels.value(for: session.schedule) {
      guard let schedule = try? session.schedule.make() else { return [] }
      let places = evenPlaces(min(schedule.count, 100), through: schedule.count - 1)
      return places.reversed().map { schedule.step(at: $0) }
    }
  }

  /// Where on the timeline the level in view is, or the one nearest to it.
  func levelPlace(_ session: Session) -> Int {
    let steps = steps(session)
    if steps.indices.contains(level.place),
      steps[level.place].level.sigmaOverAlpha == level.ratio
    {
      return level.place
    }
    let wanted = decibels(level.ratio)
    return steps.indices.min {
      abs(decibels(steps[$0].level.sigmaOverAlpha) - wanted)
        < abs(decibels(steps[$1].level.sigmaOverAlpha) - wanted)
    } ?? 0
  }

  /// The signal-to-noise ratio at a σ/α, without the infinities at both ends.
  private func decibels(_ ratio: Double) -> Double {
    let level = NoiseLevel(sigma: min(max(ratio, 1e-12), 1e12))
    return level.snrDecibels
  }

  /// Stops at another level.
  mutating func scrub(by steps: Int, _ session: Session) {
    scrub(to: bounded(levelPlace(session), steps, self.steps(session).count), session)
  }

  mutating func scrub(to place: Int, _ session: Session) {
    isPlaying = false
    move(to: place, session)
  }

  mutating func move(to place: Int, _ session: Session) {
    let steps = steps(session)
    guard steps.indices.contains(place) else { return }
    level = (steps[place].level.sigmaOverAlpha, place)
    isStale = true
  }

  /// What a noised sample depends on.
  struct SampleKey: Equatable {
    var session: Int
    var source: NoisedSample.Source
    var step: NoiseStep
  }

  /// The selected sample at the level in view; nil while there is none.
  func sample(_ session: Session) -> NoisedSample? {
    let (steps, place) = (steps(session), levelPlace(session))
    guard steps.indices.contains(place) else { return nil }
    if isGenerated(session) {
      let (frame, sample) = (generated.frames[place], min(generatedIndex, generated.count - 1))
      let source = NoisedSample.Source.generated(
        request: generated.request, frame: frame.index, sample: sample)
      return noised.value(
        for: .init(session: session.number, source: source, step: frame.step)
      ) {
        let label = session.sampling.className.flatMap {
          session.format?.classNames.firstIndex(of: $0)
        }
        return NoisedSample(frame, request: generated.request, sample: sample, label: label)
      }
    }
    guard let selection = selection(session), selection.count > 0 else { return nil }
    let index = selection.index(at: min(self.place, selection.count - 1))
    let source = NoisedSample.Source.training(index: index, seed: seed)
    return noised.value(
      for: .init(session: session.number, source: source, step: steps[place])
    ) {
      NoisedSample(selection.dataset, index, seed: seed, at: steps[place])
    }
  }

  // MARK: What is computed

  /// Asks for what is wanted, not there and not on its way.
  mutating func compute(_ session: Session) -> [Effect] {
    isStale = false
    let effects = [
      computeFigure(session), computeCapture(session), computeNearest(session),
      computeStatistics(session), computeField(session),
    ]
    return effects.compactMap(\.self)
  }

  private mutating func begin(
    _ work: Work, _ compute: @escaping @Sendable () -> any Sendable
  ) -> Effect {
    computing.insert(work)
    return .compute(screen: Self.title, compute)
  }

  private mutating func computeFigure(_ session: Session) -> Effect? {
    guard figure == nil, !computing.contains(.figure), let network = session.model?.network else {
      return nil
    }
    let number = session.number
    return begin(.figure) { NetworkFigure(session: number, summary: network.summary()) }
  }

  /// What the capture of the layer in view would be of; nil where the network is not asked.
  private func wantedCapture(_ session: Session) -> (key: LayerCapture.Key, NoisedSample)? {
    guard let model = session.model, let sample = sample(session), sample.step.level.sigma > 0,
      sample.x.count == model.network.sampleShape.count
    else { return nil }
    let key = LayerCapture.Key(
      session: session.number, weights: model.step, layer: layer, source: sample.source,
      step: sample.step)
    return (key, sample)
  }

  private mutating func computeCapture(_ session: Session) -> Effect? {
    guard !computing.contains(.capture), let model = session.model,
      let (key, sample) = wantedCapture(session), key != capture?.key
    else { return nil }
    return begin(.capture) {
      LayerCapture(key, of: model, sample) ?? NoResult(work: .capture) as any Sendable
    }
  }

  private mutating func computeNearest(_ session: Session) -> Effect? {
    // Differences of the numbers of tokens say nothing.
    guard !computing.contains(.nearest), let dataset = session.dataset, dataset.kind != .text,
      let sample = sample(session)
    else { return nil }
    let key = NearestSamples.Key(session: session.number, source: sample.source)
    guard key != nearest?.key else { return nil }
    return begin(.nearest) { NearestSamples(key, to: sample, in: dataset) }
  }

  private mutating func computeStatistics(_ session: Session) -> Effect? {
    guard statistics == nil, !computing.contains(.statistics), let dataset = session.dataset else {
      return nil
    }
    let number = session.number
    return begin(.statistics) { DataStatistics(of: dataset, session: number) }
  }

  /// Of points, where the score of the network leads at the level in view.
  private mutating func computeField(_ session: Session) -> Effect? {
    guard showsField, !computing.contains(.field), let model = session.model,
      session.format?.shape.sampleCount == 2, let sample = sample(session),
      sample.step.level.sigma > 0
    else { return nil }
    let key = FieldKey(session: session.number, weights: model.step, step: sample.step)
    guard key != field?.key else { return nil }
    let (label, data) = (model.network.classes > 0 ? sample.label : nil, session.dataPoints)
    let (x, format) = (sample.x, session.format)
    return begin(.field) {
      let place = ScoreField.Key(
        request: 0, frame: 0, reach: SampleView.reach(of: x, format))
      let field = ScoreField(place, of: model, at: key.step, label: label, data: data)
      return ShownField(key: key, field: field)
    }
  }

  /// Takes what was computed, unless it is of another session.
  mutating func take(_ result: any Sendable, _ session: Session) {
    switch result {
    case let figure as NetworkFigure where figure.session == session.number:
      computing.remove(.figure)
      self.figure = figure
      layer = layer == 0 ? figure.firstWithMaps : bounded(layer, 0, figure.summary.rows.count)
    case let capture as LayerCapture where capture.key.session == session.number:
      computing.remove(.capture)
      self.capture = capture
      keepWithin(capture.output)
    case let nearest as NearestSamples where nearest.key.session == session.number:
      computing.remove(.nearest)
      self.nearest = nearest
    case let statistics as DataStatistics where statistics.session == session.number:
      computing.remove(.statistics)
      self.statistics = statistics
    case let field as ShownField where field.key.session == session.number:
      computing.remove(.field)
      self.field = field
    case let missing as NoResult:
      computing.remove(missing.work)
      return
    default: return
    }
    isStale = true
  }

  /// Keeps what is selected within another layer's output.
  private mutating func keepWithin(_ output: LayerOutput) {
    channel = bounded(channel, 0, output.shape.channels)
    guard let scores = output.attention else { return }
    query = bounded(query, 0, scores.count)
    if let head, head >= scores.heads { self.head = nil }
  }
}

import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("The Inside screen")
struct InsideScreenTests {
  private func stage(_ play: Stage.Play) throws -> Stage {
    var stage = try Stage.training(play)
    stage.press("6")
    stage.computeInside()
    return stage
  }

  private func text(_ stage: Stage, _ width: Int = 120, _ height: Int = 40) -> String {
    var stage = stage
    return stage.drawn(width, height).lines.joined(separator: "\n")
  }

  @Test("data whose values are all equal, or not finite, has statistics too")
  func constantData() {
    func statistics(_ values: [Float]) -> DataStatistics {
      DataStatistics(
        of: Dataset(
          name: "test", kind: .image, shape: Shape(1, 1, 2, 1), range: -1...1, values: values),
        session: 0)
    }
    let constant = statistics([0.5, 0.5, 0.5, 0.5])
    #expect(constant.mean == 0.5 && constant.standardDeviation == 0)
    #expect(constant.histogram[0] == 4)
    let broken = statistics([0, .nan, 1, -.infinity])
    #expect(broken.mean == 0.5 && broken.range == 0...1)
    #expect(broken.histogram.reduce(0, +) == 2)
    #expect(statistics([.nan, .nan]).histogram.allSatisfy { $0 == 0 })
  }

  @Test("the layers are those of the network, and arrows choose among them")
  func layers() throws {
    var stage = try stage(.digits)
    let rows = stage.session.trainer.network.summary().rows
    #expect(stage.application.inside.figure?.summary.rows == rows)
    #expect(text(stage).contains(rows[0].kind))
    let begin = stage.application.inside.layer
    #expect(rows[begin].output.height > 1, "the first with feature maps")
    stage.press(.home)
    for _ in 0..<4 { stage.press(.down) }
    stage.computeInside()
    #expect(stage.application.inside.capture?.key.layer == 4)
    #expect(stage.application.inside.capture?.output.shape == rows[4].output)
    stage.press(.end)
    #expect(stage.application.inside.layer == rows.count - 1)
  }

  @Test("a layer's output is that of one evaluation of the noised sample by the newest weights")
  func capture() throws {
    var stage = try stage(.digits)
    stage.press(.end)
    stage.computeInside()
    func expected() throws -> (LayerOutput?, [Float]) {
      let model = try #require(stage.application.session.model)
      let steps = stage.application.inside.steps(stage.application.session)
      let step = steps[stage.application.inside.levelPlace(stage.application.session)]
      let x0 = stage.session.dataset.sample(at: 0)
      var random = Random(seed: 0)
      let epsilon = random.normals(x0.count)
      let (alpha, sigma) = (Float(step.level.alpha), Float(step.level.sigma))
      let x = zip(x0, epsilon).map { alpha * $0 + sigma * $1 }
      let query = Query(Tensor(model.network.sampleShape, x), at: step)
      let layer = stage.application.inside.layer
      let (prediction, output) = model.denoiser().predict(query, capturing: layer)
      return (output, prediction.x0.values)
    }
    var (output, x0) = try expected()
    #expect(stage.application.inside.capture?.output == output && output != nil)
    #expect(stage.application.inside.capture?.x0 == x0)
    let before = output
    // Another level, wherever the focus is.
    stage.press("<", "<")
    stage.computeInside()
    (output, x0) = try expected()
    #expect(stage.application.inside.capture?.output == output && output != before)
    // Newer weights.
    stage.send([.of(.model(stage.session.model(atStep: 130)))])
    stage.computeInside()
    #expect(stage.application.inside.capture?.key.weights == 130)
  }

  @Test("only one evaluation is under way at a time, and the newest that is wanted comes next")
  func newest() throws {
    var stage = try stage(.digits)
    stage.press(.home, .down)
    let asked = stage.askInside()
    #expect(asked.count == 1)
    let shown = stage.application.inside.capture
    stage.press(.down, .down)
    #expect(stage.askInside().isEmpty)
    #expect(stage.application.inside.capture?.key == shown?.key, "the last one stays in view")
    stage.send([.computed(asked[0](), screen: InsideScreen.title)])
    let next = stage.askInside()
    #expect(next.count == 1)
    stage.send([.computed(next[0](), screen: InsideScreen.title)])
    #expect(stage.application.inside.capture?.key.layer == 3)
    #expect(stage.askInside().isEmpty && stage.application.tickInterval == nil)
  }

  @Test("the data is scrolled through to its last sample, and filtered by class")
  func data() throws {
    var stage = try stage(.digits)
    let dataset = stage.session.dataset
    stage.press(.tab, .tab, .tab, .tab)
    #expect(stage.application.inside.focus.panel == .data)
    stage.press(.pageDown, .right)
    #expect(stage.application.inside.place == 21)
    stage.press(.end)
    #expect(stage.application.inside.place == dataset.count - 1)
    #expect(text(stage).contains("\(Numbers.grouped(dataset.count)) of"))
    let labels = try #require(dataset.labels)
    try stage.application.set(\.inside, "class", to: dataset.classNames[7])
    let sevens = labels.indices.filter { labels[$0] == 7 }
    let session = stage.application.session
    let selection = try #require(stage.application.inside.selection(session))
    #expect((0..<selection.count).map { selection.index(at: $0) } == sevens)
    stage.press(.home)
    #expect(
      stage.application.inside.sample(session)?.source == .training(index: sevens[0], seed: 0))
    try stage.application.set(\.inside, "sample", to: "3")
    #expect(
      stage.application.inside.sample(session)?.source == .training(index: sevens[2], seed: 0))
    // Without the filter the same sample stays selected.
    try stage.application.set(\.inside, "class", to: "all")
    #expect(stage.application.inside.place == sevens[2])
    #expect(throws: FieldInputError.self) {
      try stage.application.set(\.inside, "class", to: "eleven")
    }
    #expect(throws: FieldInputError.self) {
      try stage.application.set(\.inside, "sample", to: "0")
    }
  }

  @Test("a class without samples says so, and keys do no harm")
  func emptyClass() throws {
    var recipe = Recipe.staged(.digits)
    recipe.data.classes = ["3", "5"]
    var stage = try Stage(recipe)
    stage.send(stage.beginning)
    stage.press("6")
    stage.computeInside()
    try stage.application.set(\.inside, "class", to: "4")
    stage.computeInside()
    #expect(text(stage).contains("no training samples of this class"))
    for _ in 0..<6 {
      stage.press(.tab, .end, .right, .home, .enter, .escape, "<", ">", "v", "e")
      stage.computeInside()
      _ = stage.drawn(80, 24)
    }
    try stage.application.set(\.inside, "class", to: "5")
    let session = stage.application.session
    let sample = try #require(stage.application.inside.sample(session))
    #expect(sample.label == 5)
  }

  @Test("a map goes from its own lowest value to its highest, whatever is not finite")
  func featureMap() {
    let map = FeatureMap([.nan, -1, 0, 3, .infinity, 1], width: 3)
    #expect(map.image.pixels == .grey([0, 0, 64, 255, 0, 128]) && map.range == -1...3)
    #expect(FeatureMap([.nan, .nan], width: 2).range == nil)
    #expect(FeatureMap([2, 2], width: 2).image.pixels == .grey([0, 0]))
  }

  @Test("v shows the statistics of the data")
  func statistics() throws {
    var stage = try stage(.digits)
    let dataset = stage.session.dataset
    let statistics = try #require(stage.application.inside.statistics)
    #expect(abs(statistics.standardDeviation - dataset.standardDeviation) < 1e-9)
    #expect(statistics.classCounts.reduce(0, +) == dataset.count)
    #expect(statistics.histogram.reduce(0, +) == dataset.count * dataset.shape.sampleCount)
    #expect(statistics.range == -1...1)
    stage.press(.tab, .tab, .tab, .tab, "v")
    #expect(text(stage).contains("standard deviation"))
    #expect(text(stage).contains("samples of each class"))
  }

  @Test("the nearest other training samples are those, nearest first")
  func nearest() throws {
    let stage = try stage(.digits)
    let dataset = stage.session.dataset
    let found = try #require(stage.application.inside.nearest)
    func distance(_ a: Int, _ b: Int) -> Double {
      let squares = zip(dataset.sample(at: a), dataset.sample(at: b)).map { x, y in
        let difference = Double(x) - Double(y)
        return difference * difference
      }
      return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }
    let all = (1..<dataset.count).map { distance(0, $0) }.sorted()
    #expect(found.items.count == NearestSamples.count)
    for (item, expected) in zip(found.items, all) {
      #expect(item.index != 0 && abs(item.distance - expected) < 1e-5)
      #expect(abs(distance(0, item.index) - item.distance) < 1e-5)
    }
  }

  @Test("a generated sample that is a training sample is recognised as such")
  func memorised() throws {
    var stage = try stage(.digits)
    // The invented frames end with the first training samples.
    try stage.application.set(\.inside, "samples", to: "generated")
    try stage.application.set(\.inside, "sample", to: "6")
    stage.press(.tab, .tab, .end)
    stage.computeInside()
    let session = stage.application.session
    #expect(stage.application.inside.levelPlace(session) == 20)
    let nearest = try #require(stage.application.inside.nearest)
    #expect(nearest.items[0] == .init(index: 5, distance: 0))
    #expect(try #require(nearest.ownDistance) > 0)
    #expect(text(stage).contains("RMS 0.000 from the nearest training sample"))
    // The network is not asked where there is no noise; what it last computed stays.
    #expect(stage.application.inside.capture != nil)
    #expect(text(stage, 200, 60).contains("no noise is left"))
  }

  @Test("frames of the newest trajectory are scrubbed through, and the network is asked about them")
  func trajectory() throws {
    var stage = try Stage.denoising(.digits)
    stage.press("6")
    try stage.application.set(\.inside, "samples", to: "generated")
    stage.press(.tab, .tab, .home, .right, .right)
    stage.computeInside()
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let frame = try stage.frames(of: request.sampling)[2]
    #expect(
      stage.application.inside.capture?.key.source
        == .generated(request: request.number, frame: 2, sample: 0))
    let sample = try #require(stage.application.inside.sample(stage.application.session))
    #expect(sample.x == frame.shape.sample(0, of: frame.x) && sample.step == frame.step)
    // A preview does not take the place of what was asked for.
    let preview = try #require(stage.effects.requests(TrainScreen.preview).last)
    stage.send([.sampling(.frame(number: preview.number, frame), TrainScreen.preview)])
    #expect(stage.application.inside.generated.request == request.number)
    // The level stays when the source changes.
    let ratio = stage.application.inside.level.ratio
    try stage.application.set(\.inside, "samples", to: "training")
    let session = stage.application.session
    let step = stage.application.inside.steps(session)[
      stage.application.inside.levelPlace(session)]
    #expect(abs(NoiseLevel(sigma: ratio).logSNR - step.level.logSNR) < 0.5)
  }

  @Test("space plays through the levels, and stops at the last")
  func playing() throws {
    var stage = try stage(.sine)
    stage.press(.tab, .tab, .home, " ")
    #expect(stage.application.inside.isPlaying)
    for _ in 0..<150 { _ = stage.application.update(.tick(0)) }
    let session = stage.application.session
    let last = stage.application.inside.steps(session).count - 1
    #expect(!stage.application.inside.isPlaying)
    #expect(stage.application.inside.levelPlace(session) == last)
  }

  @Test("a model without data shows its network and says that there is no data")
  func withoutData() throws {
    var stage = try Stage(.digits)
    let facts = RunFacts(
      format: stage.session.dataset.format, dataset: nil,
      parameterCount: stage.session.trainer.network.parameterCount)
    stage.send([.of(.started(facts)), .of(.model(stage.session.model()))])
    stage.press("6")
    stage.computeInside()
    #expect(text(stage).contains("no data"))
    #expect(text(stage).contains("no samples yet"))
    #expect(stage.application.inside.figure != nil && stage.application.inside.capture == nil)
    let frames = try stage.frames(of: stage.recipe.preview.sampling)
    stage.send(frames.map { .sampling(.frame(number: 7, $0), DenoiseScreen.slot) })
    stage.computeInside()
    #expect(stage.application.inside.capture != nil)
    #expect(!text(stage).contains("no samples yet"))
  }

  @Test("results of another session are not shown")
  func otherSession() throws {
    var stage = try stage(.digits)
    let statistics = DataStatistics(of: stage.session.dataset, session: 99)
    stage.application.inside.statistics = nil
    stage.send([.computed(statistics, screen: InsideScreen.title)])
    #expect(stage.application.inside.statistics == nil)
  }

  @Test("clicks select a layer, a channel, a training sample and a level")
  func mouse() throws {
    var stage = try stage(.digits)
    _ = stage.drawn(120, 40)
    func click(_ panel: InsideScreen.Panel, _ x: Int, _ y: Int) throws {
      let area = try #require(stage.area(\.inside, panel))
      _ = stage.application.update(
        .mouse(
          MouseEvent(
            .press, x: x < 0 ? area.maxX + x : area.x + x, y: y < 0 ? area.maxY + y : area.y + y)))
      stage.computeInside()
    }
    try click(.network, 12, 4)
    #expect(stage.application.inside.layer == 2)
    stage.press(.home)
    while stage.application.inside.capture?.output.shape.height == 1 {
      stage.press(.down)
      stage.computeInside()
    }
    try click(.output, -10, 4)
    #expect(stage.application.inside.channel > 0)
    try click(.data, -12, 4)
    #expect(stage.application.inside.place > 0)
    try click(.level, -7, -2)
    let session = stage.application.session
    #expect(stage.application.inside.levelPlace(session) > 95)
  }

  @Test("every key that changes something says so", arguments: ["h", "v", "r", "]", " "])
  func says(_ key: String) throws {
    var stage = try Self.attending()
    let before = stage.application.session.notices.count
    stage.type(key)
    #expect(stage.application.session.notices.count == before + 1)
  }

  @Test("e writes the maps of the layer, the data or the sample that is in view")
  func export() throws {
    var stage = try stage(.digits)
    func request() throws -> ExportRequest {
      stage.press("e")
      guard case .export(let request) = stage.effects.all.last else {
        throw FieldInputError("nothing was exported")
      }
      return request
    }
    stage.press(.end)
    stage.computeInside()
    stage.press(.tab)
    let maps = try request()
    let shape = try #require(stage.application.inside.capture?.output.shape)
    #expect(maps.samples.count == shape.channels)
    #expect(maps.samples.allSatisfy { $0.min() == 0 && $0.max() == 1 })
    stage.press(.tab, .tab)
    #expect(try request().samples.count == 2 + NearestSamples.count)
    stage.press(.tab)
    #expect(try request().samples[3] == stage.session.dataset.sample(at: 3))
  }

  // MARK: Attention

  /// A transformer with two heads, looking at its attention layer.
  private static func attending() throws -> Stage {
    var recipe = Recipe.staged(.digits)
    recipe.network = NetworkConfiguration(
      DiTConfiguration(patch: 2, depth: 1, headChannels: 4, heads: 2))
    var stage = try Stage(recipe)
    stage.send(stage.beginning)
    stage.press("6")
    stage.computeInside()
    let rows = try #require(stage.application.inside.figure?.summary.rows)
    let layer = try #require(rows.firstIndex { $0.kind.hasPrefix("Attention") })
    stage.press(.home)
    for _ in 0..<layer { stage.press(.down) }
    stage.press(.tab)
    stage.computeInside()
    return stage
  }

  @Test("attention is shown for a query that arrows move, by head or averaged")
  func attention() throws {
    var stage = try Self.attending()
    let scores = try #require(stage.application.inside.capture?.output.attention)
    #expect(scores.width == 7 && scores.height == 7 && scores.heads == 2)
    #expect(abs(scores.weights(query: 5).reduce(0, +) - 1) < 1e-5)
    stage.press(.right, .right, .down)
    #expect(stage.application.inside.query == 9)
    #expect(text(stage).contains("row 2, column 3"))
    #expect(text(stage).contains("mean of 2 heads"))
    stage.press("h")
    #expect(text(stage).contains("head 1 of 2"))
    stage.press("h", "h")
    #expect(stage.application.inside.head == nil)
    stage.press(.up, .up, .left)
    #expect(stage.application.inside.query == 1)
    stage.press("v")
    #expect(!stage.application.inside.isOnAttention)
    #expect(text(stage).contains("channel 1 of 8"))
    stage.press("v")
    _ = stage.drawn(120, 40)
    let panel = try #require(stage.area(\.inside, .output))
    _ = stage.application.update(
      .mouse(MouseEvent(.press, x: panel.x + panel.width * 3 / 4, y: panel.y + panel.height / 2)))
    #expect((14..<35).contains(stage.application.inside.query))
  }

  @Test("attention weights beside the sample", arguments: [Size(80, 24), Size(120, 40)])
  func attentionGolden(_ size: Size) throws {
    var stage = try Self.attending()
    let capture = try #require(stage.application.inside.capture)
    let values: [Float] = (0..<49 * 16).map { index in
      let number = index * 37 % 64 - 32
      return Float(number) / 16
    }
    stage.application.inside.capture = LayerCapture(
      key: capture.key,
      output: LayerOutput(
        shape: capture.output.shape, values: capture.output.values,
        attention: AttentionScores(heads: 2, height: 7, width: 7, values: values)),
      x0: capture.x0.map { _ in 0 })
    stage.press(.right, .down, .down, "h")
    try expectGolden(stage.drawn(size.width, size.height), "inside-attention")
  }
}

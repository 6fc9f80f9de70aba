import Testing

@testable import Diffusion

@Suite("Networks that enlarge images")
struct EnlargementTests {
  private static let shape = Shape(1, 6, 4, 2)

  private static func network(
    _ enlargement: Int = 2, classes: Int = 0, shape: Shape = shape
  ) -> Network {
    var configuration = UNetConfiguration(
      channels: 8, multipliers: [1, 2], blocks: 1, groups: 4, classes: classes)
    configuration.enlargement = enlargement
    return .unet(shape, configuration)
  }

  private static func weights(_ network: Network) -> Tensor {
    var random = Random(seed: 5)
    let block = network.table.makeBlock()
    network.table.initialize(block, using: &random)
    // The last layer begins with zeros, which would hide everything before it.
    block.assign(zip(block.values, random.normals(block.count)).map { $0 + 0.1 * $1 })
    return block
  }

  private static func denoiser(_ classes: Int = 0) -> NetworkDenoiser {
    let network = network(classes: classes)
    return NetworkDenoiser(network, weights: Weights(copying: weights(network)), predicting: .v)
  }

  private static func normals(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var random = Random(seed: seed)
    return Tensor(shape, random.normals(shape.count))
  }

  private static func query(_ images: Tensor, labels: [Int] = [], count: Int = 2) -> Query {
    Query(
      normals(shape.with(batch: count), 1), at: Schedule.cosine().step(at: 500),
      condition: Condition(labels: labels, images: SmallImages(images)))
  }

  private static func small(_ count: Int, _ seed: UInt64 = 2) -> Tensor {
    normals(Shape(count, 3, 2, 2), seed)
  }

  @Test("images are interpolated as by PyTorch without aligned corners")
  func interpolation() {
    let network = Self.network()
    let pass = Pass(.evaluate, network.table, weights: network.table.makeBlock())
    // F.interpolate([[0, 1], [2, 6]], scale_factor=2, mode="bilinear"), by hand: in each direction the weights are
    // 1, 0; ¾, ¼; ¼, ¾; 0, 1.
    let large = Bilinear(Shape(1, 2, 2, 1), height: 4, width: 4, alignsCorners: false)
      .forward(Tensor(Shape(1, 2, 2, 1), [0, 1, 2, 6]), pass)
    let rows: [[Float]] = [[0, 0.25, 0.75, 1], [2, 3, 5, 6]]
    let mixes: [Float] = [0, 0.25, 0.75, 1]
    let expected = mixes.flatMap { m in zip(rows[0], rows[1]).map { (1 - m) * $0 + m * $1 } }
    #expect(isClose(large.values, expected, absolute: 1e-6))
  }

  @Test("the image is seen as further channels of x, and only as those")
  func channels() throws {
    let (plain, network) = (Self.network(0), Self.network())
    #expect(network.smallShape == Shape(1, 3, 2, 2))
    let weights = Self.weights(network)
    let convolution = try #require(network.table.parameters.first { $0.name == "conv_in.weight" })
    #expect(convolution.shape == [8, 4, 3, 3])
    let (x, noise) = (
      Self.normals(Self.shape.with(batch: 2), 1), Self.normals(Shape(2, 1, 1, 1), 3)
    )
    let pass = Pass(.evaluate, network.table, weights: weights)
    let answer = network.forward(x, noise: noise, images: Self.small(2), pass).values
    #expect(answer.count == x.count)
    #expect(network.forward(x, noise: noise, images: Self.small(2, 9), pass).values != answer)

    // A network without it has the same tensors, but for the weights that the image meets.
    var tensors = try network.table.source(Weights(copying: weights)).tensors()
    let place = try #require(tensors.firstIndex { $0.name == "conv_in.weight" })
    let values = tensors[place].values
    tensors[place] = NamedTensor(
      name: "conv_in.weight", shape: [8, 2, 3, 3],
      values: (0..<8).flatMap { values[$0 * 36..<$0 * 36 + 18] })
    let own = plain.table.makeBlock()
    try plain.table.load(TensorSource(tensors), into: own)
    // An image of zeros meets none of them.
    let without = plain.forward(
      x, noise: noise, Pass(.evaluate, plain.table, weights: own)
    ).values
    let zeros = network.forward(x, noise: noise, images: Tensor(Shape(2, 3, 2, 2)), pass).values
    #expect(isClose(zeros, without, absolute: 1e-5))
  }

  @Test("gradients of the weights and of x are what finite differences say")
  func gradients() {
    let network = Self.network()
    let weights = Self.weights(network)
    let (x, noise) = (
      Self.normals(Self.shape.with(batch: 2), 1), Self.normals(Shape(2, 1, 1, 1), 3)
    )
    let (images, v) = (Self.small(2), Self.normals(Self.shape.with(batch: 2), 4))
    func loss() -> Double {
      let pass = Pass(.train, network.table, weights: weights)
      let y = network.forward(x, noise: noise, images: images, pass).values
      return zip(y, v.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let gradients = network.table.makeTrainableBlock()
    let pass = Pass(.train, network.table, weights: weights, gradients: gradients)
    _ = network.forward(x, noise: noise, images: images, pass)
    let dx = network.backward(v, pass)
    #expect(dx.shape == x.shape)
    for (values, found) in [(weights, gradients), (x, dx)] {
      // Along one direction for each, so that all numbers count.
      let direction = Self.normals(Shape(1, 1, 1, found.count), 6).values
      let kept = values.values
      func moved(_ h: Float) -> Double {
        values.assign(zip(kept, direction).map { $0 + h * $1 } + kept[direction.count...])
        defer { values.assign(kept) }
        return loss()
      }
      let h: Float = 2e-4
      let difference = (moved(h) - moved(-h)) / Double(2 * h)
      let product = zip(found.values, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(product - difference) < 1e-2 * max(1, abs(difference)))
    }
  }

  @Test("guided samples keep their images, repeated where they are fewer")
  func guidance() {
    let base = Self.denoiser(3)
    let images = Self.small(2)
    let query = Self.query(images, labels: [1], count: 3)
    let guided = GuidedDenoiser(base, scale: 2, nullLabel: 3).predict(query).x0.values
    var unconditional = query
    unconditional.condition.labels = [3]
    let (c, n) = (base.predict(query).x0.values, base.predict(unconditional).x0.values)
    #expect(isClose(guided, zip(c, n).map { $1 + 2 * ($0 - $1) }, absolute: 1e-4))
    let size = images.shape.sampleCount
    let three = Tensor(Shape(3, 3, 2, 2), images.values + images.values[..<size])
    #expect(base.predict(Self.query(three, labels: [1], count: 3)).x0.values == c)
  }

  @Test("training tells the network the means over blocks, which it learns to use")
  func training() {
    // Samples of one brightness: all there is to know is in the image.
    let shape = Shape(1, 4, 4, 1)
    let values = (0..<64).flatMap { [Float](repeating: Float($0) / 32 - 1, count: 16) }
    let data = Dataset(name: "greys", kind: .image, shape: shape, range: -1...1, values: values)
    let network = Self.network(shape: shape)
    let means = network.condition(on: Tensor(shape.with(batch: 64), values)).images
    #expect(means?.values == (0..<64).flatMap { [Float](repeating: Float($0) / 32 - 1, count: 4) })
    let trainer = Trainer(
      network, on: data, schedule: .cosine(), objective: DenoisingObjective(predicting: .x0),
      TrainingConfiguration(batchSize: 32, steps: 80, learningRate: LearningRateSchedule(5e-3)))
    while trainer.next() != nil {}
    let denoiser = NetworkDenoiser(network, weights: trainer.rawWeights, predicting: .x0)
    let noise = Self.normals(shape.with(batch: 2), 8)
    let step = Schedule.cosine().step(at: 990)
    let condition = Condition(
      images: SmallImages(Tensor(Shape(2, 2, 2, 1), [-0.8, -0.8, -0.8, -0.8, 0.8, 0.8, 0.8, 0.8])))
    let x0 = denoiser.predict(Query(noise, at: step, condition: condition)).x0.values
    let brightness = [x0[..<16], x0[16...]].map { $0.reduce(0, +) / 16 }
    #expect(abs(brightness[0] + 0.8) < 0.3 && abs(brightness[1] - 0.8) < 0.3, "\(brightness)")
  }

  @Test("there is no memorisation floor where the image says which sample it is")
  func floor() {
    let data = BuiltInData.digits14.make()
    func floor(_ enlargement: Int) -> MemorizationFloor? {
      MemorizationFloor(
        of: DenoisingObjective(), on: data, along: .cosine(), groups: 4,
        for: Self.network(enlargement, shape: data.shape), labelDropout: 0)
    }
    #expect(floor(0) != nil)
    #expect(floor(2) == nil)
  }
}

@Suite("Models that enlarge images")
struct EnlargingModelTests {
  private static func recipe() throws -> Recipe {
    try Recipe(
      """
      [data]
      source = "digits14"
      validation = 0.1
      [network]
      kind = "unet"
      channels = 4
      multipliers = [1, 2]
      blocks = 1
      groups = 2
      classes = 10
      superres = 2
      [training]
      batch = 2
      steps = 1
      [preview]
      sampler = "ddpm"
      steps = 3
      """, name: "tiny", path: "tiny.toml", checkingData: false)
  }

  private static func model(_ recipe: Recipe, from path: String? = nil) throws -> Model {
    if let path { return try Model(contentsOf: path) }
    let network = try recipe.network.make(for: Shape(1, 14, 14, 1))
    var random = Random(seed: 5)
    let block = network.table.makeBlock()
    network.table.initialize(block, using: &random)
    block.assign(zip(block.values, random.normals(block.count)).map { $0 + 0.1 * $1 })
    return Model(
      recipe, network: network, weights: Weights(copying: block), format: try recipe.format())
  }

  @Test("a checkpoint says that its network enlarges, and its samples are of held-out images")
  func checkpoint() throws {
    try withTemporaryFolder { folder in
      let recipe = try Self.recipe()
      let (training, heldOut) = try recipe.data.split()
      let network = try recipe.network.make(for: training.shape)
      let trainer = Trainer(
        network, on: training, schedule: try recipe.schedule.make(),
        objective: recipe.objective.value, recipe.training)
      _ = trainer.next()
      let path = folder + "/checkpoint.safetensors"
      try Checkpoint(trainer.state, recipe: recipe.text, format: training.format).write(to: path)
      let model = try Self.model(recipe, from: path)
      #expect(model.network.enlargement == 2)
      let examples = try #require(heldOut)
      let images = try model.smallImages(ofSamples: 3..<5)
      let blocks = BlockMeans(factor: 2)
      let expected = (3..<5).flatMap { blocks.apply(Tensor(examples.shape, examples[$0])).values }
      #expect(images.values == expected)
      let held = Model(
        recipe, network: network, weights: model.weights, format: training.format,
        dataset: training, heldOut: heldOut)
      #expect(try held.smallImages(ofSamples: 3..<5) == images)
    }
  }

  @Test("sample k enlarges image k, however many there are")
  func numbers() throws {
    let model = try Self.model(try Self.recipe())
    var sampling = model.sampling
    sampling.count = 4
    let all = try model.trajectory(sampling).finish().samples
    (sampling.count, sampling.firstSample) = (2, 2)
    let last = try model.trajectory(sampling).finish().samples
    for (a, b) in zip(all[2...], last) { #expect(isClose(a, b, absolute: 1e-4)) }
  }

  @Test("an editor asks it about the image that is given, and about nothing else")
  func editing() throws {
    let model = try Self.model(try Self.recipe())
    let editor = try Editor(model, model.sampling)
    let digit = BuiltInData.digits14.make()[7]
    let blocks = BlockMeans(factor: 2)
    let small = blocks.apply(Tensor(Shape(1, 14, 14, 1), digit)).values
    let result = try editor.trajectory(.recover(blocks, .ofNorm(1)), of: [small]).finish().x
    // The same by hand: noise of the seed, the sampler's steps, the image as the condition.
    var noise = NoiseSource(seed: model.sampling.seed, samples: 0..<1)
    let schedule = try model.schedule.make()
    let start = noise.start(
      Shape(1, 14, 14, 1), deviation: model.sampling.startingDeviation(schedule))
    let expected = Trajectory(
      model.sampling, schedule: schedule, from: start, dataRange: -1...1,
      denoiser: model.denoiser(),
      condition: Condition(images: SmallImages(Tensor(Shape(1, 7, 7, 1), small))), noise: noise)
    #expect(result == expected.finish().x)

    let refusal =
      "the network was trained to enlarge images 2 times, and does nothing else; expected the task superres "
      + "with that factor"
    for task in [
      EditTask.vary(strength: 0.5), .denoise(deviation: 0.5),
      .recover(BlockMeans(factor: 7), .ofNorm(1)),
    ] {
      #expect(throws: (any Error).self) { try editor.trajectory(task, of: [digit]) }
      do { _ = try editor.trajectory(task, of: [digit]) } catch { #expect("\(error)" == refusal) }
    }
    do {
      _ = try editor.interpolation(digit, digit, count: 2)
      Issue.record("a network that enlarges cannot interpolate")
    } catch { #expect("\(error)" == refusal) }
  }

  @Test("without data there is a sentence that says what is needed")
  func noData() throws {
    let recipe = try Self.recipe()
    let model = try Self.model(recipe)
    var other = recipe
    other.data.source = "emoji16"
    let wrong = Model(
      other, network: model.network, weights: model.weights, format: model.format)
    do {
      _ = try wrong.trajectory(model.sampling)
      Issue.record("the data is of another size")
    } catch {
      #expect(
        "\(error)" == "emoji16 has samples of 16×16×3; the network enlarges images to 14×14×1")
    }
    other.data.source = ""
    let none = Model(
      other, network: model.network, weights: model.weights, format: model.format)
    do {
      _ = try none.trajectory(model.sampling)
      Issue.record("there is no data")
    } catch { #expect("\(error)".hasPrefix("the network enlarges small images, but there is no")) }
  }
}

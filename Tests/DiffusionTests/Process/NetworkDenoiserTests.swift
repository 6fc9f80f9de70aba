import Testing

@testable import Diffusion

@Suite("Networks as denoisers")
struct NetworkDenoiserTests {
  private static let shape = Shape(2, 6, 6, 2)

  private func denoiser(
    _ parameterization: Parameterization, classes: Int = 0
  ) -> NetworkDenoiser {
    let network = Network.unet(
      Self.shape.with(batch: 1),
      UNetConfiguration(
        channels: 8, multipliers: [1, 2], blocks: 1, groups: 4, classes: classes))
    var random = Random(seed: 5)
    let block = network.table.makeBlock()
    network.table.initialize(block, using: &random)
    return NetworkDenoiser(
      network, weights: Weights(copying: block), predicting: parameterization)
  }

  private func query(_ seed: UInt64, labels: [Int] = []) -> Query {
    var random = Random(seed: seed)
    let x = Tensor(Self.shape)
    random.fillNormal(x)
    let schedule = Schedule.cosine()
    return Query(
      x, steps: [schedule.step(at: 300), schedule.step(at: 800)],
      condition: Condition(labels: labels))
  }

  @Test(
    "the product with the Jacobian of x̂_0 is what finite differences say",
    arguments: Parameterization.allCases)
  func pullback(_ parameterization: Parameterization) {
    check(denoiser(parameterization), query(1))
  }

  @Test("guided, too")
  func guidedPullback() {
    let guidance = Guidance(scale: 2.5, above: 1, upTo: 1000)
    let query = query(4, labels: [1, 2])
    // One of the samples lies outside the interval.
    #expect(query.steps.map { guidance.scale(at: $0.level) } == [1, 2.5])
    let base = denoiser(.v, classes: 3)
    check(GuidedDenoiser(base, guidance, nullLabel: 3), query)
  }

  private func check(_ denoiser: some DifferentiableDenoiser, _ query: Query) {
    var random = Random(seed: 2)
    let (v, direction) = (Tensor(Self.shape), Tensor(Self.shape))
    random.fillNormal(v)
    random.fillNormal(direction)
    let (prediction, pullback) = denoiser.predictWithPullback(query)
    #expect(prediction.x0.values == denoiser.predict(query).x0.values)
    let product = dot(pullback(v), direction)

    func moved(_ h: Float) -> Double {
      let x = query.x.copy()
      x.assign(1, query.x, plus: h, direction)
      return dot(
        v, denoiser.predict(Query(x, steps: query.steps, condition: query.condition)).x0)
    }
    let h: Float = 5e-3
    let difference = (moved(h) - moved(-h)) / Double(2 * h)
    #expect(abs(product - difference) < 5e-3 * max(1, abs(difference)))
  }

  private func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test("samples at levels of their own are answered as one by one")
  func levels() {
    let denoiser = denoiser(.x0, classes: 3)
    let query = query(3, labels: [2, 0])
    let together = denoiser.predict(query).x0.values
    let size = Self.shape.sampleCount
    for sample in 0..<2 {
      let x = Tensor(
        Self.shape.with(batch: 1), Array(query.x.values[sample * size..<(sample + 1) * size]))
      let alone = denoiser.predict(
        Query(
          x, at: query.steps[sample],
          condition: Condition(labels: [query.condition.labels[sample]])))
      #expect(
        isClose(
          alone.x0.values, Array(together[sample * size..<(sample + 1) * size]), absolute: 1e-5))
    }
  }

  @Test("c_skip and c_out are those of Karras et al. 2022")
  func preconditioning() {
    let level = NoiseLevel(alphaBar: 0.36)  // (0.6, 0.8)
    let epsilon = denoiser(.epsilon).preconditioning
    let x0 = denoiser(.x0).preconditioning
    // x̂_0 = (x − σ·ε̂)/α, and the answer itself.
    #expect(
      isClose([epsilon.output(level).skip, epsilon.output(level).output], [1 / 0.6, -0.8 / 0.6]))
    #expect(isClose([x0.output(level).skip, x0.output(level).output], [0, 1]))
    #expect(epsilon.inputScale(level) == 1)
    #expect(isClose(epsilon.inputScale(NoiseLevel(sigma: 2)), 1 / 5.0.squareRoot()))
  }

  @Test("schedules without signal or without noise are refused where nothing could be told")
  func problems() {
    let ending = Schedule(.alphaBars([0.5, 0]))
    #expect(denoiser(.epsilon).preconditioning.problem(with: ending)?.contains("ᾱ = 0") == true)
    #expect(denoiser(.x0).preconditioning.problem(with: ending) != nil)
    #expect(denoiser(.x0).preconditioning.problem(with: .cosine()) == nil)
    let dense = Network.dense(Shape(1, 1, 4, 1))
    let told = { (p: Parameterization) in Preconditioning(dense, predicting: p) }
    #expect(told(.x0).problem(with: ending) == nil)
    #expect(told(.epsilon).problem(with: ending)?.contains("predict x0") == true)
  }
}

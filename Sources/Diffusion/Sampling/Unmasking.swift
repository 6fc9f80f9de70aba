internal import Platform

/// A sampler of tokens: it starts from masks, or from a prompt with masks, and reveals one position after the
/// other.
///
/// What it revealed itself is remembered with the probability that the network gave to the token
/// (``SamplerHistory``); only that may be masked again, never a prompt.
public protocol TokenSampler: Sampler {
  /// What logits are divided by before a token is drawn, at least 0; 0 takes the most likely token.
  var temperature: Double { get set }
}

extension TokenSampler {
  public static var isForText: Bool { true }
  public var isStochastic: Bool { true }

  /// Twice, of numbers for every position: which is revealed, and as what.
  public func draws(in move: Transition) -> Int { 2 }

  /// A step: `body` reveals positions, and masks others again, by a random number for each; what came of it
  /// is remembered.
  func unmask(
    _ x: Tensor, _ first: Prediction, _ history: inout SamplerHistory, noise: inout NoiseSource,
    _ body: (inout Unmasking, [Double]) -> Void
  ) {
    let chances = noise.uniforms(x.shape)
    var state = Unmasking(x, first, temperature: temperature, history, noise: &noise)
    body(&state, chances)
    history = state.history
  }
}

extension Setting where Root: TokenSampler {
  /// The temperature, which every sampler of tokens has.
  static var temperature: Self {
    .real(
      \.temperature, "temperature", Interval(0...10), by: .linear(step: 0.1),
      "softmax temperature: below 1 likely tokens become likelier, 0 always takes the likeliest")
  }
}

extension NoiseSource {
  /// Numbers between 0 and 1, evenly distributed: Φ of the next normal ones.
  mutating func uniforms(_ shape: Shape) -> [Double] {
    draw(shape).values.map { min(0.5 * erfc(-Double($0) / 2.0.squareRoot()), 1.0.nextDown) }
  }
}

/// A batch of tokens while a step reveals some of its positions.
struct Unmasking {
  private let x: Tensor
  private let mask: Int
  private let draw: TokenDraw
  /// For every position the probability of the token with which it was revealed; 0 where it was not.
  private(set) var revealed: [Float]
  private let choices: [Double]

  /// Begins a step; draws the numbers that choose tokens.
  fileprivate init(
    _ x: Tensor, _ first: Prediction, temperature: Double, _ history: SamplerHistory,
    noise: inout NoiseSource
  ) {
    guard let logits = first.logits else { preconditionFailure("samplers of tokens need logits") }
    self.x = x
    mask = logits.shape.channels
    draw = TokenDraw(temperature: temperature)
    revealed = history.tensors.first ?? [Float](repeating: 0, count: x.count)
    choices = noise.uniforms(x.shape)
  }

  /// The positions of a sample.
  func positions(of sample: Int) -> Range<Int> {
    sample * x.shape.sampleCount..<(sample + 1) * x.shape.sampleCount
  }

  func isMasked(_ position: Int) -> Bool { Int(x.pointer[position]) == mask }

  /// The masked positions of a sample.
  func masked(of sample: Int) -> [Int] { positions(of: sample).filter(isMasked) }

  /// How many of a sample's masked positions are left masked after a step.
  static func left(of masked: Int, _ move: Transition) -> Int {
    guard move.to.level.sigma > 0, move.from.level.sigma > 0 else { return 0 }
    return min(
      masked, Int((Double(masked) * move.to.level.sigma / move.from.level.sigma).rounded()))
  }

  /// The token that a position would get, and its probability.
  func choice(_ position: Int, _ prediction: Prediction) -> (token: Int, probability: Double) {
    guard let logits = prediction.logits else { preconditionFailure("no logits") }
    return withExtendedLifetime(logits) {
      draw.token(logits.pointer + position * mask, mask, choices[position])
    }
  }

  /// Reveals a position.
  mutating func reveal(_ position: Int, _ prediction: Prediction) {
    let (token, probability) = choice(position, prediction)
    x.pointer[position] = Float(token)
    revealed[position] = Float(max(probability, Double(Float.leastNormalMagnitude)))
  }

  /// Masks a position again.
  mutating func remask(_ position: Int) {
    x.pointer[position] = Float(mask)
    revealed[position] = 0
  }

  /// What the trajectory remembers after the step.
  fileprivate var history: SamplerHistory {
    var history = SamplerHistory()
    history.tensors = [revealed]
    return history
  }
}

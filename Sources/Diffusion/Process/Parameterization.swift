internal import CKernels

/// What a network predicts, and how x̂_0 and ε̂ follow from it.
///
/// Every target is a weighted sum a·x_0 + b·ε with weights that depend only on the noise level: adding one
/// takes a line in `weights(at:)`.
public struct Parameterization: Sendable, Hashable, CaseIterable {
  /// The quantities that a network can predict.
  package enum Kind: String, RecipeWord {
    /// The noise.
    case epsilon
    /// The clean data.
    case x0
    /// √ᾱ·ε − √(1 − ᾱ)·x_0, Salimans and Ho 2022, <https://arxiv.org/abs/2202.00512>; where the data is
    /// not scaled, with ᾱ = α²/(α² + σ²).
    case v
    /// ∇ ln p(x) = −ε/σ.
    case score
    /// ε − x_0, the direction of a flow.
    case velocity
    /// F of Karras et al. 2022, of unit variance at every level: x̂_0 = c_skip·x + c_out·F.
    case edm

    package var meaning: String {
      switch self {
      case .epsilon: "the noise"
      case .x0: "the clean data"
      case .v: "a mix of noise and data, √ᾱ·ε − √(1 − ᾱ)·x_0"
      case .score: "the gradient of the log-density, −ε/σ"
      case .velocity: "the velocity of a flow from data to noise, ε − x_0"
      case .edm: "F of EDM, between x_0 and ε depending on the level"
      }
    }
  }

  /// What the network predicts.
  package var kind: Kind
  /// The standard deviation of the data, used by ``edm``.
  public var sigmaData = 0.5
  /// Whether the network gets x divided by √(α² + σ²); nil for the network's default.
  public var scalesInput: Bool?

  /// A prediction of this kind, with the usual scaling.
  package init(_ kind: Kind = .epsilon) { self.kind = kind }

  /// The noise ε.
  public static let epsilon = Self(.epsilon)
  /// The clean sample x_0.
  public static let x0 = Self(.x0)
  /// v = α·ε − σ·x_0.
  public static let v = Self(.v)
  /// The score ∇log p(x_t).
  public static let score = Self(.score)
  /// A flow's velocity ε − x_0.
  public static let velocity = Self(.velocity)
  /// EDM's F, between x_0 and ε depending on the level.
  public static let edm = Self(.edm)

  public static let allCases = Kind.allCases.map { Self($0) }

  /// The word in recipes.
  package var rawValue: String { kind.rawValue }

  /// How it is written in formulas.
  package var symbol: String {
    switch kind {
    case .epsilon: "ε"
    case .x0: "x_0"
    case .v: "v"
    case .score: "∇ log p"
    case .velocity: "ε − x_0"
    case .edm: "F"
    }
  }

  /// The weights (a, b) of the target a·x_0 + b·ε.
  package func weights(at level: NoiseLevel) -> (x0: Double, epsilon: Double) {
    let (alpha, sigma) = (level.alpha, level.sigma)
    switch kind {
    case .epsilon: return (0, 1)
    case .x0: return (1, 0)
    case .v:
      return (-sigma / level.size, alpha / level.size)
    case .score: return (0, -1 / sigma)
    case .velocity: return (-1, 1)
    case .edm:
      // (x_0 − c_skip·y)/c_out with y = x_0 + (σ/α)·ε
      let size = signalAndNoise(level)
      return (sigma / (sigmaData * size), -sigmaData * alpha / size)
    }
  }

  /// √(σ² + α²·σ_data²), the deviation of x for data of ``sigmaData``.
  func signalAndNoise(_ level: NoiseLevel) -> Double {
    let signal = level.alpha * sigmaData
    return (level.sigma * level.sigma + signal * signal).squareRoot()
  }

  /// Writes what the network should answer, one noise level a sample.
  package func target(x0: Tensor, epsilon: Tensor, levels: [NoiseLevel], into target: Tensor) {
    target.assign(x0, epsilon, samples: levels.map { weights(at: $0) })
  }

  /// Converts the network's output to estimates of x_0 and ε, with one noise level per sample.
  ///
  /// `x` are the noisy samples α·x_0 + σ·ε that the network was given; `output` has the same shape.
  public func prediction(_ output: Tensor, x: Tensor, levels: [NoiseLevel]) -> Prediction {
    let prediction = Prediction(like: x)
    let conversions = levels.map { conversion(at: $0) }
    prediction.x0.assign(x, output, samples: conversions.map(\.x0))
    prediction.epsilon.assign(x, output, samples: conversions.map(\.epsilon))
    return prediction
  }

  typealias Factors = (x: Double, output: Double)

  /// Solves x = α·x_0 + σ·ε and output = a·x_0 + b·ε for x_0 and ε.
  func conversion(at level: NoiseLevel) -> (x0: Factors, epsilon: Factors) {
    let (alpha, sigma) = (level.alpha, level.sigma)
    let (a, b) = weights(at: level)
    let determinant = alpha * b - sigma * a
    return ((b / determinant, -sigma / determinant), (-a / determinant, alpha / determinant))
  }
}

extension Tensor {
  /// self ← α·x0 + σ·ε, one noise level a sample.
  package func assignNoisy(x0: Tensor, epsilon: Tensor, levels: [NoiseLevel]) {
    assign(x0, epsilon, samples: levels.map { ($0.alpha, $0.sigma) })
  }

  /// self ← a·x + b·y with one pair (a, b) a sample; `self` may be `x` or `y`.
  func assign(_ x: Tensor, _ y: Tensor, samples weights: [(Double, Double)]) {
    precondition(
      shape == x.shape && shape == y.shape, "shapes differ: \(shape), \(x.shape), \(y.shape)")
    precondition(
      weights.count == shape.batch,
      "\(shape.batch) samples need as many levels, got \(weights.count)")
    let (out, x, y, size) = (pointer, x.pointer, y.pointer, shape.sampleCount)
    parallelFor(shape.batch, grain: max(1, elementwiseGrain / max(size, 1))) { range in
      for sample in range {
        let (a, b) = weights[sample]
        let i = sample * size
        ck_combine(out + i, Float(a), x + i, Float(b), y + i, size)
      }
    }
  }
}

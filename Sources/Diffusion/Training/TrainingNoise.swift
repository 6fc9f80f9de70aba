internal import Platform

/// The distribution of noise levels in training.
public struct TrainingNoise: Sendable, Hashable {
  /// The distributions of noise levels.
  public enum Kind: String, RecipeWord {
    /// All levels of the schedule, equally often.
    case uniform
    /// ln σ/α is normal, Karras et al. 2022: mean −1.2, standard deviation 1.2.
    case logNormal = "log-normal"
    /// The logit of a flow's time σ/(α + σ) is normal, Esser et al. 2024: mean 0, standard
    /// deviation 1.
    case logitNormal = "logit-normal"
    /// Uniform in log-SNR, between the ends of the schedule.
    case logSNR = "log-snr"
    /// Levels in proportion to their losses: the root of the second moment of the last ten.
    ///
    /// Source: Nichol and Dhariwal 2021, section 3.3, <https://arxiv.org/abs/2102.09672>.
    case importance

    /// The mean of ln σ, or of the logit of t.
    public var meaning: String {
      switch self {
      case .uniform: "all levels of the schedule, equally often"
      case .logNormal: "ln σ/α is normal, as in EDM; between the levels"
      case .logitNormal: "the logit of a flow's time is normal; between the levels"
      case .logSNR: "evenly in log-SNR; between the levels"
      case .importance: "levels with a high loss more often, reweighted to compensate"
      }
    }
  }

  /// The distribution of noise levels.
  public var kind: Kind
  /// The mean of ln σ/α, or of the logit of a flow's time.
  public var mean = -1.2
  /// Its standard deviation, above 0.
  public var standardDeviation = 1.2
  /// Whether the levels of a batch are spread evenly over the distribution.
  public var stratified = false

  /// A distribution with its usual parameters.
  public init(_ kind: Kind = .uniform) { self.kind = kind }

  /// Whether all levels are those of the list.
  package var staysOnList: Bool { kind == .uniform || kind == .importance }

  /// The last ten losses at each level.
  public struct History: Codable, Sendable, Hashable, MaybeEmpty {
    private var losses: [[Double]] = []
    static let length = 10

    /// No losses so far.
    package init() {}

    var isEmpty: Bool { losses.isEmpty }

    /// Takes losses at levels of a schedule; those of another number of levels are forgotten.
    mutating func add(_ new: [Double], at steps: [NoiseStep], count: Int) {
      if losses.count != count { losses = Array(repeating: [], count: count) }
      for (loss, step) in zip(new, steps) {
        guard let index = step.index, index < count, loss.isFinite else { continue }
        losses[index] = (losses[index] + [loss]).suffix(Self.length)
      }
    }

    /// How likely each of `count` levels is drawn: as √E[L²], with a thousandth of evenness; nil until
    /// every level was seen often enough.
    func probabilities(_ count: Int) -> [Double]? {
      guard losses.count == count, losses.allSatisfy({ $0.count == Self.length }) else {
        return nil
      }
      let roots = losses.map { level in
        (level.reduce(0) { $0 + $1 * $1 } / Double(level.count)).squareRoot()
      }
      let sum = roots.reduce(0, +)
      guard sum > 0 else { return nil }
      return roots.map { $0 / sum * 0.999 + 0.001 / Double(count) }
    }
  }

  /// Levels for a batch, and how much each loss counts; no counts where all count the same.
  func draw(
    _ count: Int, along schedule: Schedule, _ history: History, using random: inout Random
  ) -> (steps: [NoiseStep], shares: [Double]) {
    switch kind {
    case .uniform where !stratified:
      return (
        random.integers(below: schedule.count, count: count).map { schedule.step(at: $0) }, []
      )
    case .uniform:
      let levels = Double(schedule.count)
      return (places(count, &random).map { schedule.step(at: Int($0 * levels)) }, [])
    case .importance: return drawByLoss(count, schedule, history, &random)
    case .logNormal:
      return (
        normals(count, &random).map {
          schedule.step(sigmaOverAlpha: exp(mean + standardDeviation * $0))
        }, []
      )
    case .logitNormal:
      let ends = (schedule[0].sigmaOverAlpha, schedule[schedule.count - 1].sigmaOverAlpha)
      return (
        normals(count, &random).map {
          // t/(1 − t) of t = sigmoid(z) is e^z.
          schedule.step(
            sigmaOverAlpha: min(max(exp(mean + standardDeviation * $0), ends.0), ends.1))
        }, []
      )
    case .logSNR:
      let ratios = schedule.sigmas.filter { $0 > 0 && $0 < .infinity }
      let (low, high) = (log(ratios.first ?? 1), log(ratios.last ?? 1))
      return (
        places(count, &random).map { schedule.step(sigmaOverAlpha: exp(low + $0 * (high - low))) },
        []
      )
    }
  }

  /// Levels that stand for the distribution, each as likely: those of the list, or a few thousand.
  ///
  /// Where levels are drawn more often than they count, what is expected is as if they were not.
  func steps(along schedule: Schedule) -> [NoiseStep] {
    guard !staysOnList else { return schedule.levels.indices.map { schedule.step(at: $0) } }
    var (even, random) = (self, Random(seed: 0))
    even.stratified = true
    return even.draw(4096, along: schedule, History(), using: &random).steps
  }

  private func drawByLoss(
    _ count: Int, _ schedule: Schedule, _ history: History, _ random: inout Random
  ) -> (steps: [NoiseStep], shares: [Double]) {
    let levels = schedule.count
    let even = Array(repeating: 1 / Double(levels), count: levels)
    let probabilities = history.probabilities(levels) ?? even
    var sum = 0.0
    let ends = probabilities.map { probability -> Double in
      sum += probability
      return sum
    }
    let indices = places(count, &random).map { place in
      ends.firstIndex { place * sum < $0 } ?? levels - 1
    }
    return (
      indices.map { schedule.step(at: $0) },
      indices.map { 1 / (Double(levels) * probabilities[$0]) }
    )
  }

  /// Numbers from 0 to below 1, one from each of as many equal parts where they are stratified.
  private func places(_ count: Int, _ random: inout Random) -> [Double] {
    let drawn = random.uniforms(count).map { Double($0) }
    guard stratified else { return drawn }
    return drawn.enumerated().map { (Double($0) + $1) / Double(count) }
  }

  private func normals(_ count: Int, _ random: inout Random) -> [Double] {
    guard stratified else { return random.normals(count).map { Double($0) } }
    return places(count, &random).map { normalQuantile(min(max($0, 1e-9), 1 - 1e-9)) }
  }
}

/// The number below which a standard normal one lies with probability `p`, 0 < p < 1, to 1e-12.
///
/// By halving, of the distribution ½·erfc(−z/√2): a batch has few of them.
func normalQuantile(_ p: Double) -> Double {
  var (low, high) = (-10.0, 10.0)
  while high - low > 1e-13 {
    let middle = (low + high) / 2
    guard middle > low, middle < high else { break }
    if erfc(-middle / 2.0.squareRoot()) / 2 < p { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

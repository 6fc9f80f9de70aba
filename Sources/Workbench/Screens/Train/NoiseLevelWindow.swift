import Diffusion
import Platform

/// Loss by noise level over the last steps, and how often each noise level was seen.
struct NoiseLevelWindow: Sendable, Equatable {
  /// Bars of loss along t, as many as the memorisation floor has parts.
  static let bins = FloorRun.groups
  /// Bars of the histogram over log σ.
  static let sigmaBins = 48
  /// The decades of σ that the histogram covers.
  static let sigmaDecades = -3.0...3.0

  private struct Entry: Sendable, Equatable {
    var bin: Int
    var sigmaBin: Int
    var shareBin: Int
    var loss: Double
  }

  /// Steps that are remembered.
  let length: Int
  private var steps: [[Entry]] = []
  private var oldest = 0
  private var sums = [Double](repeating: 0, count: bins)
  private var counts = [Int](repeating: 0, count: bins)
  private(set) var sigmaCounts = [Int](repeating: 0, count: sigmaBins)
  /// The same over the masked share of text, from 0 to 1.
  private(set) var shareCounts = [Int](repeating: 0, count: sigmaBins)

  init(length: Int = 200) { self.length = length }

  /// Adds a step that was trained with `timesteps` noise levels.
  mutating func add(_ metrics: StepMetrics, timesteps: Int) {
    let entries = metrics.timesteps.indices.map { sample in
      Entry(
        bin: MemorizationFloor.group(
          of: metrics.timesteps[sample], among: Self.bins, timesteps),
        sigmaBin: Self.sigmaBin(metrics.sigmas[sample]),
        shareBin: Self.bin(SampleMeasures.maskedShare(sigmaOverAlpha: metrics.sigmas[sample])),
        loss: metrics.sampleLosses[sample])
    }
    count(entries, 1)
    if steps.count < length {
      steps.append(entries)
    } else {
      count(steps[oldest], -1)
      steps[oldest] = entries
      oldest = (oldest + 1) % length
    }
  }

  private mutating func count(_ entries: [Entry], _ sign: Int) {
    for entry in entries {
      sums[entry.bin] += Double(sign) * entry.loss
      counts[entry.bin] += sign
      sigmaCounts[entry.sigmaBin] += sign
      shareCounts[entry.shareBin] += sign
    }
  }

  /// The mean loss of each bin; NaN where there was no sample.
  var losses: [Double] {
    zip(sums, counts).map { $1 > 0 ? max(0, $0 / Double($1)) : .nan }
  }

  /// The bin with the largest mean loss, or nil before the first step.
  var hardest: Int? {
    let losses = losses
    return losses.indices.filter { losses[$0].isFinite }.max { losses[$0] < losses[$1] }
  }

  private static func sigmaBin(_ sigma: Double) -> Int {
    let decades = sigmaDecades.upperBound - sigmaDecades.lowerBound
    // Limited before it becomes a whole number: where no signal is left, sigma is infinite.
    return bin((log10(max(sigma, 1e-9)) - sigmaDecades.lowerBound) / decades)
  }

  /// The bar of a place along the axis, 0 to 1.
  private static func bin(_ place: Double) -> Int {
    min(sigmaBins - 1, Int(min(max(place, 0), 1) * Double(sigmaBins)))
  }
}

import Diffusion
import TUI

/// A quantity of a schedule that is drawn over t.
struct ScheduleQuantity: Sendable {
  /// The word for it on the command line.
  let name: String
  let symbol: String
  let meaning: String
  let scale: Axis.Scale
  let values: @Sendable (Schedule) -> [Double]

  static let alphaBar = ScheduleQuantity(
    name: "alpha-bar", symbol: "ᾱ", meaning: "remaining signal", scale: .linear
  ) { $0.alphaBars }
  static let sigma = ScheduleQuantity(
    name: "sigma", symbol: "σ/α", meaning: "noise to signal", scale: .log
  ) { $0.sigmas }
  static let logSNR = ScheduleQuantity(
    name: "log-snr", symbol: "log SNR", meaning: "signal to noise", scale: .linear
  ) { $0.levels.map(\.logSNR) }
  static let decibels = ScheduleQuantity(
    name: "snr", symbol: "SNR", meaning: "dB", scale: .linear
  ) { $0.levels.map { max($0.snrDecibels, -120) } }
  static let beta = ScheduleQuantity(
    name: "beta", symbol: "β", meaning: "noise per step", scale: .log
  ) { $0.betas }

  static let maskedShare = ScheduleQuantity(
    name: "masked", symbol: "masked", meaning: "share of the positions", scale: .linear
  ) { $0.levels.map(\.sigma) }
  static let newlyMasked = ScheduleQuantity(
    name: "newly-masked", symbol: "Δ masked", meaning: "share masked in each step", scale: .linear
  ) { schedule in
    let shares = schedule.levels.map(\.sigma)
    return zip(shares, [0] + shares).map { $0 - $1 }
  }

  static let all = [alphaBar, sigma, logSNR, decibels, beta, maskedShare, newlyMasked]
}

extension ScheduleQuantity: Hashable {
  static func == (a: Self, b: Self) -> Bool { a.name == b.name }
  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// So many whole numbers from 0 to `last`, as evenly as they can be; 0 alone for one.
func evenPlaces(_ count: Int, through last: Int) -> [Int] {
  (0..<count).map { Int((Double(last * $0) / Double(max(count - 1, 1))).rounded()) }
}

import Diffusion
import TUI

/// How noise levels and distances between samples are named and written: σ/α and root mean squares; of text
/// the share of positions that is masked, and the share that differs.
struct SampleMeasures: Sendable, Equatable {
  let isText: Bool

  /// The name of a level in headings.
  var levelName: String { isText ? "masked share" : "noise level" }
  /// The name of a level where it stands beside its value.
  var levelSymbol: String { isText ? "masked" : "σ/α" }

  /// The value of a level, such as `0.52` or `37 %`.
  func value(sigmaOverAlpha ratio: Double, significant: Int = 4) -> String {
    isText
      ? Self.percent(Self.maskedShare(sigmaOverAlpha: ratio))
      : Numbers.short(ratio, significant: significant)
  }

  /// A level with its name, such as `σ/α 0.52` or `masked 37 %`.
  func text(_ level: NoiseLevel) -> String { text(sigmaOverAlpha: level.sigmaOverAlpha) }

  /// A level by σ/α with its name; `isAligned` gives all as many columns.
  func text(sigmaOverAlpha ratio: Double, isAligned: Bool = false) -> String {
    let value = value(sigmaOverAlpha: ratio)
    let width = isText ? 5 : 7
    return "\(levelSymbol) \(isAligned ? value.fitted(to: width, alignment: .right) : value)"
  }

  /// A level in the numbers that describe it, of the same width for all levels: the masked share, or σ/α, t
  /// and the signal-to-noise ratio.
  func parts(_ step: NoiseStep) -> [String] {
    let level = text(sigmaOverAlpha: step.level.sigmaOverAlpha, isAligned: true)
    guard !isText else { return [level] }
    let t = step.timestep < 0 ? "–" : Numbers.fixed(step.timestep, 0)
    let decibels = Numbers.fixed(step.level.snrDecibels, 1).fitted(to: 6, alignment: .right)
    return [level, "t \(t.fitted(to: 4, alignment: .right))", "SNR \(decibels) dB"]
  }

  /// A level in words that can be read out.
  func spoken(_ level: NoiseLevel) -> String { spoken(sigmaOverAlpha: level.sigmaOverAlpha) }

  func spoken(sigmaOverAlpha ratio: Double) -> String {
    let value = value(sigmaOverAlpha: ratio)
    return isText ? "\(value) masked" : "sigma/alpha \(value)"
  }

  /// How far samples are apart, of the differences of their numbers: the root mean square, of tokens the
  /// share that differs.
  func distance(_ differences: [Float]) -> Double {
    isText
      ? Double(differences.count { $0 != 0 }) / Double(max(differences.count, 1))
      : rootMeanSquare(differences)
  }

  /// A distance, such as `RMS 0.123` or `12 % differ`.
  func text(distance: Double) -> String {
    isText ? "\(Self.percent(distance)) differ" : "RMS \(Numbers.fixed(distance, 3))"
  }

  /// The masked share of a level of masking, where α is 1 − σ.
  static func maskedShare(sigmaOverAlpha ratio: Double) -> Double {
    ratio.isFinite ? ratio / (1 + ratio) : 1
  }

  static func percent(_ share: Double) -> String { "\(Numbers.fixed(100 * share, 0)) %" }
}

extension Session {
  /// How noise levels of the session's samples are written.
  var measures: SampleMeasures { SampleMeasures(isText: format?.maskedText != nil) }
}

extension Frame {
  /// Whether samples are text: only of tokens it is known how sure the network is.
  var isOfText: Bool { !confidence.isEmpty }

  /// How its noise level is written.
  var measures: SampleMeasures { SampleMeasures(isText: isOfText) }
}

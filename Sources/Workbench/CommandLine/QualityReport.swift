import Diffusion
import TUI

/// What `evaluate` reports.
struct QualityReport: Encodable {
  /// Where the samples come from, in words.
  let samples: String
  let quality: Quality
  /// The classifier that made the features; whose accuracy is reported.
  let classifierAccuracy: Double?
  let drawingSeconds: Double?
  let judgingSeconds: Double

  init(
    samples: String, quality: Quality, classifier: FeatureClassifier?, drawingSeconds: Double?,
    judgingSeconds: Double
  ) {
    self.samples = samples
    self.quality = quality
    classifierAccuracy = classifier?.heldOutAccuracy
    self.drawingSeconds = drawingSeconds
    self.judgingSeconds = judgingSeconds
  }

  /// The report as lines of text.
  var text: String {
    var parts = [heading, TextTable.text([Self.head] + quality.measurements.map(Self.row))]
    if !quality.classShares.isEmpty { parts.append(classes) }
    parts.append(nearest)
    if !quality.warnings.isEmpty {
      parts.append(quality.warnings.map { "note: \(Wording.escaped($0))\n" }.joined())
    }
    parts.append(times)
    return parts.joined(separator: "\n")
  }

  private var heading: String {
    let accuracy = classifierAccuracy.map {
      " (classifier accuracy on other samples: \(Numbers.fixed(100 * $0, 1)) %)"
    }
    return """
      \(samples)
      against \(Numbers.grouped(quality.referenceCount)) samples of \(Wording.escaped(quality.data)), \
      beside \(Numbers.grouped(quality.yardstickCount)) yardstick samples
      \(Wording.escaped(quality.features))\(accuracy ?? "")

      """
  }

  private static let head = [
    "", "samples", "95 % interval", "yardstick", "95 % interval", "better",
  ]

  private static func row(_ measurement: Quality.Measurement) -> [String] {
    func number(_ value: Double) -> String {
      measurement.metric.isPercentage
        ? "\(Numbers.fixed(100 * value, 1)) %" : Numbers.compact(value)
    }
    func interval(_ value: Quality.Value?) -> String {
      guard let low = value?.low, let high = value?.high else { return "" }
      return "\(number(low)) … \(number(high))"
    }
    let direction =
      switch measurement.better {
      case .lower: "lower"
      case .higher: "higher"
      case .yardstick: "like the yardstick"
      }
    return [
      measurement.metric.title, number(measurement.samples.value), interval(measurement.samples),
      measurement.yardstick.map { number($0.value) } ?? "", interval(measurement.yardstick),
      direction,
    ]
  }

  private var classes: String {
    let shown = quality.classShares.prefix(24)
    func percent(_ share: Double) -> String { "\(Numbers.fixed(100 * share, 1)) %" }
    let rows =
      [["class", "samples", "real"]]
      + shown.map { [Wording.escaped($0.name), percent($0.samples), percent($0.real)] }
    let rest = quality.classShares.count - shown.count
    return TextTable.text(rows) + (rest > 0 ? "… and \(rest) more\n" : "")
  }

  private var nearest: String {
    guard let pair = quality.nearestPairs.first else { return "" }
    return "closest pair: sample \(pair.sample) and training sample \(pair.training), "
      + "\(Numbers.compact(pair.distance)) apart; \(Numbers.fixed(100 * pair.heldOutNearer, 1)) % of held-out samples "
      + "are closer to a training sample\n"
  }

  private var times: String {
    let judged = "evaluated in \(Numbers.fixed(judgingSeconds, 1)) s\n"
    return drawingSeconds.map { "drawn in \(Numbers.fixed($0, 1)) s, \(judged)" } ?? judged
  }
}

extension QualityMetric {
  /// Whether it is shown in percent.
  fileprivate var isPercentage: Bool {
    switch self {
    case .precision, .recall, .coverage, .classImbalance, .nearShare: true
    default: false
    }
  }
}

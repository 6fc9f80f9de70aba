import ArgumentParser
import Diffusion
import TUI

/// What `evaluate` reports of text.
struct TextQualityReport: Encodable {
  /// A figure of the samples beside that of held-out samples, and the range of 95 % of their batches.
  struct Figure: Encodable {
    let samples: Double
    let heldOut: Double
    let low: Double
    let high: Double

    init(_ figure: TextQuality.Figure) {
      (samples, heldOut) = (figure.samples, figure.heldOut)
      (low, high) = (figure.range.lowerBound, figure.range.upperBound)
    }
  }

  /// Where the samples come from, in words.
  let samples: String
  /// What they are compared with, in words.
  let against: String
  let trigramPerplexity: Figure
  let newWords: Figure
  let distinctSamples: Double
  let distinctHeldOut: Double

  init(samples: String, against: String, quality: TextQuality) {
    (self.samples, self.against) = (samples, against)
    trigramPerplexity = Figure(quality.perplexity)
    newWords = Figure(quality.newWords)
    (distinctSamples, distinctHeldOut) = quality.distinct
  }

  /// The report as lines of text.
  var text: String {
    func percent(_ value: Double) -> String { "\(Numbers.fixed(100 * value, 1)) %" }
    func row(
      _ title: String, _ figure: Figure, _ text: (Double) -> String
    ) -> [String] {
      [
        title, text(figure.samples), text(figure.heldOut),
        "\(text(figure.low)) … \(text(figure.high))",
      ]
    }
    return "\(samples)\nagainst \(against)\n\n"
      + TextTable.text([
        ["", "samples", "real", "95 % of batches"],
        row("trigram perplexity", trigramPerplexity) { Numbers.fixed($0, 2) },
        row("words not in the training data", newWords, percent),
        ["distinct samples", percent(distinctSamples), percent(distinctHeldOut), ""],
      ])
  }
}

extension EvaluateCommand {
  /// Compares text with the data that was held out, or with the training data where none was.
  func judgeText(_ source: JudgedSource, _ data: DataConfiguration) throws {
    let given: [(option: String, isGiven: Bool)] = [
      ("--features", features != .own), ("--scale", scale != nil), ("--out", out != nil),
      ("--pairs", pairs != nil),
    ]
    if let option = given.first(where: \.isGiven)?.option {
      throw ValidationError(
        "\(option) only applies to images, signals and points, but \(Wording.escaped(data.source)) is text; "
          + "leave it out")
    }
    if case .samples(let path) = source {
      throw ValidationError(
        "\(Wording.escaped(path)): text in a file cannot be evaluated; expected a run's folder or a "
          + "checkpoint")
    }
    let (training, heldOut) = try data.split()
    let real = heldOut ?? training
    let drawn = try source.draw(self, as: real.format, of: real.name)
    let report = TextQualityReport(
      samples: drawn.origin,
      against: "batches of the same size, of \(heldOut == nil ? "training" : "held-out") "
        + "samples of \(Wording.escaped(training.name)) (\(Numbers.grouped(real.count)))",
      quality: TextQuality(drawn.samples, training: training, heldOut: real))
    switch format {
    case .text: try Console.write(report.text)
    case .json: try Console.json(JSONLines.line(report))
    }
  }
}

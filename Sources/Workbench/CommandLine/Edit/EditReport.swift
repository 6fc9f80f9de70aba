import Axes
import Diffusion

/// What an edit shows and tells of its results.
struct EditReport {
  private let job: EditJob
  private let results: [[Float]]
  private let format: SampleFormat

  init(_ job: EditJob, results: [[Float]], _ format: SampleFormat) {
    (self.job, self.format) = (job, format)
    self.results = results.map { Self.clamped($0, format.range) }
  }

  private static func clamped(_ values: [Float], _ range: ClosedRange<Float>) -> [Float] {
    values.map { min(max($0, range.lowerBound), range.upperBound) }
  }

  private var isStrip: Bool { job.task == nil }

  /// What the image shows, in words.
  var legend: String {
    if isStrip { return "the two images at the ends, the way between them in the middle" }
    return job.truth == nil
      ? "columns: given, result, difference from given (grey where equal)"
      : "columns: given, result, truth, difference from truth (grey where equal)"
  }

  /// A row for each result, or one for an interpolation.
  func image() -> Image {
    var renderer = SampleRenderer(
      format, enlargement: max(1, 64 / max(format.shape.height, format.shape.width)))
    let samples: [[Float]]
    if isStrip {
      samples = [job.shown[0]] + results + [job.shown[1]]
      renderer.columns = samples.count
    } else {
      samples = results.enumerated().flatMap { index, result in
        let given = job.shown[index % job.shown.count]
        let truth = job.truth.map { [$0] } ?? []
        return [given, result] + truth + [difference(result, job.truth ?? given)]
      }
      renderer.columns = job.truth == nil ? 3 : 4
    }
    return renderer.render(samples)
  }

  /// Half the difference around the middle of the range.
  private func difference(_ a: [Float], _ b: [Float]) -> [Float] {
    let middle = (format.range.lowerBound + format.range.upperBound) / 2
    return zip(a, b).map { middle + ($0 - $1) / 2 }
  }

  /// How similar the results are to the truth, a line each; for an interpolation, its ends to the images.
  var similarities: [String] {
    if isStrip {
      let ends = [(results[0], job.shown[0]), (results[results.count - 1], job.shown[1])]
      let texts = ends.map { text(psnr($0, $1)) }.joined(separator: " and ")
      return ["the ends and the images they come from: PSNR \(texts) dB"]
    }
    guard let truth = job.truth else { return [] }
    var lines = [line("results", results.map { ($0, truth) })]
    if results.count > 1 {
      let mean = truth.indices.map { i in
        results.reduce(0) { $0 + $1[i] } / Float(results.count)
      }
      lines.append(line("mean of the results", [(mean, truth)]))
    }
    if let bicubic = job.bicubic {
      lines.append(line("bicubic", [(Self.clamped(bicubic, format.range), truth)]))
    }
    return lines + [line("given", [(job.shown[0], truth)])]
  }

  private func line(_ name: String, _ pairs: [([Float], [Float])]) -> String {
    func mean(_ measure: ([Float], [Float]) -> Double) -> Double {
      pairs.reduce(0) { $0 + measure($1.0, $1.1) } / Double(pairs.count)
    }
    var text = "\(name): PSNR \(self.text(mean(psnr))) dB"
    if min(format.shape.height, format.shape.width) > 2 {
      text += ", SSIM \(Numbers.fixed(mean(ssim), 3))"
    }
    return text
  }

  private func text(_ decibels: Double) -> String {
    decibels.isFinite ? Numbers.fixed(decibels, 2) : "∞"
  }

  private var span: Double { Double(format.range.upperBound - format.range.lowerBound) }

  private func psnr(_ a: [Float], _ b: [Float]) -> Double {
    ImageSimilarity.peakSignalToNoiseRatio(a, b, range: span)
  }

  private func ssim(_ a: [Float], _ b: [Float]) -> Double {
    ImageSimilarity.structuralSimilarity(a, b, shape: format.shape, range: span)
  }
}

import Axes
import Diffusion

/// What an edit shows and tells of its results.
struct EditReport {
  private let edit: ImageEdit
  private let results: [[Float]]
  private let format: SampleFormat

  init(_ edit: ImageEdit, results: [[Float]], _ format: SampleFormat) {
    (self.edit, self.format) = (edit, format)
    self.results = results.map { Self.clamped($0, format.range) }
  }

  private static func clamped(_ values: [Float], _ range: ClosedRange<Float>) -> [Float] {
    values.map { min(max($0, range.lowerBound), range.upperBound) }
  }

  private var isStrip: Bool { edit.task == nil }

  /// What the image shows, in words.
  var legend: String {
    if isStrip { return "the two images at the ends, the way between them in the middle" }
    return edit.truth == nil
      ? "columns: given, result, difference from given (grey where equal)"
      : "columns: given, result, truth, difference from truth (grey where equal)"
  }

  /// A row for each result, or one for an interpolation.
  func image() -> Image {
    var renderer = SampleRenderer(
      format, enlargement: max(1, 64 / max(format.shape.height, format.shape.width)))
    let samples: [[Float]]
    if isStrip {
      samples = [edit.shown[0]] + results + [edit.shown[1]]
      renderer.columns = samples.count
    } else {
      samples = results.enumerated().flatMap { index, result in
        let given = edit.shown[index % edit.shown.count]
        let truth = edit.truth.map { [$0] } ?? []
        return [given, result] + truth + [difference(result, edit.truth ?? given)]
      }
      renderer.columns = edit.truth == nil ? 3 : 4
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
      let ends = [(results[0], edit.shown[0]), (results[results.count - 1], edit.shown[1])]
      let texts = ends.map { ImageScore([$0], format).decibels }.joined(separator: " and ")
      return ["the ends and the images they come from: PSNR \(texts) dB"]
    }
    guard let truth = edit.truth else { return [] }
    var lines = [line("results", results.map { ($0, truth) })]
    if results.count > 1 {
      let mean = truth.indices.map { i in
        results.reduce(0) { $0 + $1[i] } / Float(results.count)
      }
      lines.append(line("mean of the results", [(mean, truth)]))
    }
    if let bicubic = edit.bicubic {
      lines.append(line("bicubic", [(Self.clamped(bicubic, format.range), truth)]))
    }
    return lines + [line("given", [(edit.shown[0], truth)])]
  }

  private func line(_ name: String, _ pairs: [([Float], [Float])]) -> String {
    "\(name): \(ImageScore(pairs, format).text)"
  }
}

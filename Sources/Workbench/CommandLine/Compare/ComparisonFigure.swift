import Diffusion
import Figures
import TUI

/// The figure of a comparison: losses and quality, and samples side by side.
enum ComparisonFigure {
  private typealias Point = Figure.Point

  /// How many samples of each entry are shown.
  static func samples(of data: DataConfiguration) -> Int {
    (try? data.load().kind) == .points ? 500 : 36
  }

  /// Loss and quality against seconds of training, quality against what samples cost, and samples.
  static func figure(
    _ result: ComparisonReport, samples: [[[Float]]?], _ format: SampleFormat
  ) -> Figure {
    var panels = [lossPanel(result)]
    if let quality = result.quality {
      panels.append(
        qualityPanel(result, quality, x: Figure.Side("seconds of training")) { run in
          run.moments.map { ($0.seconds, $0.quality) }
        })
      panels.append(
        qualityPanel(result, quality, x: Figure.Side("network evaluations per sample", .log)) {
          run in run.sampling.map { (Double($0.evaluations), $0.quality) }
        })
    }
    let shown = zip(result.entries, samples).compactMap { entry, samples in
      samples.map { (entry.name, image(of: $0, format)) }
    }
    if !shown.isEmpty {
      panels.append(
        Figure.Panel(
          "samples from the same noise",
          [
            .images(
              Figure.Images(
                shown.map(\.1), columns: shown.count, labels: shown.map { label($0.0) }))
          ]))
    }
    return Figure(label(result.comparison), panels: panels, columns: 2)
  }

  private static func label(_ text: String) -> String { Wording.escaped(text) }

  private static func image(of samples: [[Float]], _ format: SampleFormat) -> Figure.Raster {
    var renderer = SampleRenderer(format)
    (renderer.gap, renderer.plotSide) = (1, 160)
    let image = renderer.render(samples)
    return Figure.Raster(width: image.width, height: image.height, bytes: image.bytes)
  }

  private static func lossPanel(_ result: ComparisonReport) -> Figure.Panel {
    let marks = result.entries.enumerated().flatMap { index, entry in
      entry.runs.enumerated().flatMap { number, run in
        let curve = ComparisonReport.curve(of: run, isValidation: result.comparesValidation)
          .map { Point($0.seconds, $0.loss) }
        let name = number == 0 ? label(entry.name) : ""
        let line = Figure.Mark.line(Figure.Line(name, curve, .series(index)))
        // A single point makes no line.
        return curve.count > 1 ? [line] : [line, .points(Figure.Points(curve, .series(index)))]
      }
    }
    return Figure.Panel(
      result.lossName, marks, x: Figure.Side("seconds of training"), y: Figure.Side("", .log))
  }

  /// Values with their intervals as upright lines, and those of real samples as a dashed line.
  private static func qualityPanel(
    _ result: ComparisonReport, _ quality: ComparisonReport.QualityNote, x: Figure.Side,
    _ values: (ComparisonReport.Run) -> [(x: Double, value: Quality.Value?)]
  ) -> Figure.Panel {
    var marks: [Figure.Mark] = []
    var places: [Double] = []
    for (index, entry) in result.entries.enumerated() {
      for (number, run) in entry.runs.enumerated() {
        let known = values(run).compactMap { x, value in value.map { (x, $0) } }
        places += known.map(\.0)
        for (x, value) in known {
          guard let low = value.low, let high = value.high else { continue }
          marks.append(
            .line(Figure.Line("", [Point(x, low), Point(x, high)], .pale(index))))
        }
        marks.append(
          .line(
            Figure.Line(
              number == 0 ? label(entry.name) : "", known.map { Point($0.0, $0.1.value) },
              .series(index))))
      }
    }
    if let real = quality.yardstick, let first = places.min(), let last = places.max(), first < last
    {
      var line = Figure.Line(
        "real samples (yardstick)", [Point(first, real.value), Point(last, real.value)], .series(7))
      line.isDashed = true
      marks.append(.line(line))
    }
    let direction = quality.metric.better == .higher ? "higher is better" : "lower is better"
    return Figure.Panel(
      "\(quality.metric.title), \(label(quality.features)); \(direction)", marks, x: x,
      y: Figure.Side("", quality.metric.better == .lower ? .log : .linear))
  }

  // MARK: - Denoising

  /// PSNR and SSIM against the noise level, and images side by side.
  static func denoising(
    _ scores: [DenoisingComparison.Score], _ examples: [DenoisingComparison.Example],
    named name: String, _ format: SampleFormat
  ) -> Figure {
    var methods: [String] = []
    for score in scores where !methods.contains(score.method) { methods.append(score.method) }
    func panel(
      _ title: String, _ value: (DenoisingComparison.Score) -> Double
    ) -> Figure.Panel {
      Figure.Panel(
        title,
        methods.enumerated().map { index, method in
          .line(
            Figure.Line(
              label(method),
              scores.filter { $0.method == method }.map { Point($0.noise, value($0)) },
              .series(index)))
        }, x: Figure.Side("noise σ/α", .log), y: Figure.Side(""))
    }
    let panels = [
      panel("peak signal-to-noise ratio, dB") { $0.psnr.value },
      panel("structural similarity") { $0.ssim.value },
    ]
    // One with some noise, and the one with the most.
    let shown = Set([examples.count / 2, examples.count - 1]).sorted().map { examples[$0] }
    return Figure(
      label(name), panels: panels + shown.map { examplePanel($0, format) }, columns: 1)
  }

  /// Images, a row each, by all methods.
  private static func examplePanel(
    _ example: DenoisingComparison.Example, _ format: SampleFormat
  ) -> Figure.Panel {
    let size = format.shape.sampleCount
    let count = (example.images.first?.count ?? 0) / size
    let images = (0..<count).flatMap { index in
      example.images.map { images in
        let image = Image(
          sample: Array(images[index * size..<(index + 1) * size]), shape: format.shape,
          range: format.range)
        return Figure.Raster(width: image.width, height: image.height, bytes: image.bytes)
      }
    }
    return Figure.Panel(
      "noise σ/α \(Numbers.short(example.noise))",
      [
        .images(
          Figure.Images(
            images, columns: example.images.count, labels: example.methods.map { label($0) }))
      ])
  }
}

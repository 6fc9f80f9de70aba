import Diffusion
import Figures
import Platform
import TUI

/// Moments of a trajectory between data and noise, side by side: images in a grid, points as scatter
/// plots, signals over one another.
struct TrajectoryFigure {
  let format: SampleFormat

  /// A moment of the trajectory.
  private struct Moment {
    var values: [Float]
    var label: String
    /// From noise (0) to data (1).
    var progress: Double
  }

  private var moments: [Moment] = []

  init(format: SampleFormat) { self.format = format }

  /// Throws where samples are text, which is no figure.
  static func refuseText(_ format: SampleFormat) throws {
    guard format.kind == .text else { return }
    throw CommandError(
      "text is not plotted; the Denoise and Schedule screens show it, and sample --out FILE.safetensors writes all frames"
    )
  }

  /// How many moments suit a kind of samples.
  static func frames(of kind: Dataset.Kind) -> Int {
    switch kind {
    case .image, .text: 8
    case .points: 6
    case .signal: 11
    }
  }

  /// How many samples suit it.
  static func samples(of kind: Dataset.Kind) -> Int {
    switch kind {
    case .image, .text: 4
    case .points: 500
    case .signal: 1
    }
  }

  /// Adds the samples at a moment, one after another in (height, width, channels) order.
  mutating func add(_ values: [Float], _ level: NoiseLevel, label: String, progress: Double) {
    // Images and points at the data's size, where the variance grows without bound; the waves of a
    // signal say more as they are.
    let size = (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot()
    let scale = format.kind == .signal ? 1 : Float(1 / size)
    moments.append(
      Moment(values: values.map { $0 * scale }, label: label, progress: progress))
  }

  /// The figure of all moments; `path` are the values of a signal at every step, for a map of them.
  func figure(_ title: String, histogram: Bool = false, path: [[Float]] = []) -> Figure {
    if histogram { return Figure(title, panels: histograms) }
    switch format.kind {
    case .image, .text: return Figure(title, panels: [images])
    case .points: return Figure(title, panels: scatterPlots)
    case .signal:
      return Figure(title, panels: [signals] + (path.isEmpty ? [] : [map(path)]), columns: 1)
    }
  }

  private var images: Figure.Panel {
    let size = format.shape.sampleCount
    let rows = (0..<(moments.first?.values.count ?? 0) / size).flatMap { sample in
      moments.map { moment in
        let image = Image(
          sample: format.shape.sample(sample, of: moment.values), shape: format.shape,
          range: format.range)
        return Figure.Raster(
          width: image.width, height: image.height, bytes: image.bytes)
      }
    }
    return Figure.Panel(
      "", [.images(Figure.Images(rows, columns: moments.count, labels: moments.map(\.label)))])
  }

  private var scatterPlots: [Figure.Panel] {
    let own = Double(max(abs(format.range.lowerBound), abs(format.range.upperBound)))
    let reach = moments.flatMap(\.values).reduce(own) { max($0, abs(Double($1))) }
    // All axes are alike. Few points of the noise lie further out than that, and the data stays large.
    let limit = min(reach, own * 2.5) * 1.05
    return moments.map { moment in
      let points = stride(from: 0, to: moment.values.count - 1, by: 2).map {
        Figure.Point(Double(moment.values[$0]), Double(moment.values[$0 + 1]))
      }
      var panel = Figure.Panel(
        moment.label, [.points(Figure.Points(points, .noise(moment.progress)))],
        x: Figure.Side(range: -limit...limit), y: Figure.Side(range: -limit...limit))
      panel.hasEqualUnits = true
      return panel
    }
  }

  private var signals: Figure.Panel {
    let length = format.shape.sampleCount
    let lines = moments.map { moment in
      Figure.Line(
        moment.label,
        moment.values.prefix(length).enumerated().map { Figure.Point(Double($0), Double($1)) },
        .noise(moment.progress))
    }
    return Figure.Panel(
      "", lines.map { .line($0) }, x: Figure.Side("position"), y: Figure.Side("x"))
  }

  /// Every value of a signal at every frame.
  private func map(_ path: [[Float]]) -> Figure.Panel {
    let values = path[0].indices.flatMap { place in path.map { Double($0[place]) } }
    let reach = values.reduce(0) { max($0, abs($1)) }
    return Figure.Panel(
      "",
      [
        .heatMap(
          Figure.HeatMap(
            values, columns: path.count, x: -0.5...Double(path.count) - 0.5,
            y: -0.5...Double(path[0].count) - 0.5, range: -reach...reach))
      ], x: Figure.Side("frame"), y: Figure.Side("position"))
  }

  private var histograms: [Figure.Panel] {
    let limit = 3.5
    let normal = (0...140).map { index in
      let x = -limit + Double(index) * limit / 70
      return Figure.Point(x, exp(-x * x / 2) / (2 * Double.pi).squareRoot())
    }
    let bars = moments.map { moment in
      Figure.Bars(
        densityOf: moment.values.map(Double.init), in: -limit...limit, count: 56,
        .noise(moment.progress))
    }
    // Clean images pile up at black and white; the panels are about what becomes of them.
    let highest = bars.flatMap(\.heights).max() ?? 1
    var curve = Figure.Line("normal", normal, .series(7))
    curve.isDashed = true
    return zip(moments, bars).map { moment, bars in
      Figure.Panel(
        moment.label, [.bars(bars), .line(curve)], x: Figure.Side("x", range: -limit...limit),
        y: Figure.Side("density", range: 0...min(highest, 1.2)))
    }
  }
}

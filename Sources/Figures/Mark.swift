package import Axes

extension Figure {
  /// What a panel shows.
  package enum Mark: Sendable {
    /// A line through points.
    case line(Line)
    /// Points of the plane.
    case points(Points)
    /// Upright bars that touch one another.
    case bars(Bars)
    /// Numbers as colours.
    case heatMap(HeatMap)
    /// Images side by side; a panel with them has no axes.
    case images(Images)
  }

  /// A place between two axes.
  package typealias Point = PlotPoint

  /// A line through points of rising x.
  package struct Line: Sendable {
    /// The name in the legend; empty for a line that is not in it.
    package var name: String
    /// The points; one that is not finite, or not above 0 on a logarithmic axis, makes a gap.
    package var points: [Point]
    /// The colour.
    package var tint: Tint
    /// Whether it is broken.
    package var isDashed = false

    /// A line through points.
    package init(_ name: String, _ points: [Point], _ tint: Tint) {
      (self.name, self.points, self.tint) = (name, points, tint)
    }
  }

  /// Points of the plane.
  package struct Points: Sendable {
    /// The places.
    package var points: [Point]
    /// The colour.
    package var tint: Tint

    /// Points of one colour.
    package init(_ points: [Point], _ tint: Tint) { (self.points, self.tint) = (points, tint) }
  }

  /// Bars that touch one another.
  package struct Bars: Sendable {
    /// Where bars begin and end: one more than there are bars, rising.
    package var edges: [Double]
    /// How high they are.
    package var heights: [Double]
    /// The colour.
    package var tint: Tint

    /// Bars between edges.
    ///
    /// - Precondition: one more edge than there are heights.
    package init(edges: [Double], heights: [Double], _ tint: Tint) {
      precondition(
        edges.count == heights.count + 1,
        "\(heights.count) bars have \(heights.count + 1) edges, got \(edges.count)")
      (self.edges, self.heights, self.tint) = (edges, heights, tint)
    }

    /// How densely values lie in `count` equal parts of a range; together the bars have the area of
    /// the share of values inside.
    package init(
      densityOf values: [Double], in range: ClosedRange<Double>, count: Int, _ tint: Tint
    ) {
      let axis = Axis(range)
      let width = (axis.upper - axis.lower) / Double(count)
      let counts = axis.counts(of: values, in: count)
      let unit = Double(max(values.count, 1)) * width
      self.init(
        edges: (0...count).map { axis.lower + Double($0) * width },
        heights: counts.map { Double($0) / unit }, tint)
    }
  }

  /// A grid of numbers as colours.
  package struct HeatMap: Sendable {
    /// The numbers row by row, the lowest row first.
    package var values: [Double]
    /// Numbers a row.
    package var columns: Int
    /// What the grid covers across.
    package var x: ClosedRange<Double>
    /// What the grid covers upwards.
    package var y: ClosedRange<Double>
    /// The numbers at the ends of the colours.
    package var range: ClosedRange<Double>

    /// Rows of numbers over two ranges.
    ///
    /// - Precondition: whole rows, and at least one.
    package init(
      _ values: [Double], columns: Int, x: ClosedRange<Double>, y: ClosedRange<Double>,
      range: ClosedRange<Double>
    ) {
      precondition(
        columns > 0 && !values.isEmpty && values.count.isMultiple(of: columns),
        "\(values.count) values are not a whole number of rows of \(columns)")
      (self.values, self.columns, self.x, self.y) = (values, columns, x, y)
      self.range = range
    }

    /// How many rows there are.
    package var rows: Int { values.count / columns }
  }

  /// Images of one size in rows.
  package struct Images: Sendable {
    /// The images, row by row.
    package var images: [Raster]
    /// Images a row.
    package var columns: Int
    /// Texts above the columns, none where the array ends.
    package var labels: [String]

    /// Images in rows.
    ///
    /// - Precondition: at least one image and one column, all images of one size.
    package init(_ images: [Raster], columns: Int, labels: [String] = []) {
      precondition(columns > 0, "images need a column")
      precondition(
        !images.isEmpty
          && images.allSatisfy {
            $0.width == images[0].width && $0.height == images[0].height
          }, "a grid needs images of one size")
      (self.images, self.columns, self.labels) = (images, columns, labels)
    }

    /// How many rows there are.
    package var rows: Int { (images.count + columns - 1) / columns }
  }

  /// An image of bytes: rows from the top, grey or RGB.
  package struct Raster: Sendable, Hashable {
    /// Pixels across.
    package let width: Int
    /// Pixels down.
    package let height: Int
    /// One byte a pixel, or red, green and blue.
    package let bytes: [UInt8]

    /// - Precondition: sides of at least 1, and one or three bytes a pixel.
    package init(width: Int, height: Int, bytes: [UInt8]) {
      precondition(
        width > 0 && height > 0 && [width * height, width * height * 3].contains(bytes.count),
        "\(bytes.count) bytes for an image of \(width)×\(height)")
      (self.width, self.height, self.bytes) = (width, height, bytes)
    }

    /// Whether a pixel is a single byte.
    package var isGrey: Bool { bytes.count == width * height }
  }
}

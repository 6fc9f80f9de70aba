/// What a file of a figure is.
package enum FigureFormat: String, Sendable, CaseIterable {
  /// Pixels.
  case png
  /// Lines and outlines, sharp at any size.
  case svg
}

extension Figure {
  /// A size in pixels that suits what the figure shows.
  package var naturalSize: (width: Int, height: Int) {
    let (columns, rows) = grid
    let width = 1000.0
    let panel = (width - 2 * Sheet.margin) / Double(columns)
    let heights = panels.map { $0.naturalHeight(width: panel, isAlone: panels.count == 1) }
    let height = Double(rows) * (heights.max() ?? panel) + Sheet.headHeight(of: self, width: width)
    return (Int(width), Int((height + 2 * Sheet.margin).rounded(.up)))
  }

  /// Letters are not drawn smaller than this part of their natural size.
  private static let leastScale = 0.6

  /// The figure as the bytes of a file, `width` × `height` pixels.
  ///
  /// What is larger than the natural size is drawn larger; what is smaller keeps its letters readable, down
  /// to a size at which nothing would be left beside them, which is an error.
  ///
  /// - Precondition: `width` and `height` are at least 1.
  package func encode(
    _ format: FigureFormat, width: Int, height: Int
  ) throws(FigureError) -> [UInt8] {
    let natural = naturalSize
    let scale = min(
      Double(width) / Double(natural.width), Double(height) / Double(natural.height))
    let used = max(Self.leastScale, scale)
    let least = Sheet.smallestSize(for: self, width: Double(width) / used)
    guard Double(width) >= least.width * used, Double(height) >= least.height * used else {
      let needed = [least.width, least.height].map { Int(($0 * used).rounded(.up)) }
      throw FigureError(
        description: "\(width)×\(height) pixels leave no room for what the figure shows; expected "
          + "at least \(max(width, needed[0]))×\(max(height, needed[1]))")
    }
    let canvas = try Canvas(width: width, height: height, scale: used, format)
    Sheet(canvas).draw(
      self,
      in: Area(
        x: 0, y: 0, width: Double(width) / canvas.scale, height: Double(height) / canvas.scale))
    return try canvas.finish()
  }
}

extension Figure.Panel {
  fileprivate func naturalHeight(width: Double, isAlone: Bool) -> Double {
    if let images {
      let first = images.images[0]
      let gap = Sheet.imageGap
      let cell = (width + gap) / Double(images.columns) - gap
      let unit = max(1, (cell / Double(first.width)).rounded(.down))
      return (unit * Double(first.height) + gap) * Double(images.rows) + Sheet.labelRoom
    }
    if hasEqualUnits { return min(width + 10, 620) }
    return isAlone ? width * 0.6 : min(max(width * 0.72, 220), 420)
  }

  /// The images of a panel that has no axes.
  package var images: Figure.Images? {
    for case .images(let images) in marks { return images }
    return nil
  }
}

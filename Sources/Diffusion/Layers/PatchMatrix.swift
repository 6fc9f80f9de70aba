internal import CKernels

/// The patches a convolution sees, as rows of a matrix: one row an output position, each
/// (kernel, kernel, channels) numbers long.
///
/// The matrix is never whole: tiles of lines are gathered into a buffer that stays in the cache.
struct PatchMatrix {
  /// Numbers in a patch.
  let length: Int
  /// Output positions in a line.
  let positionsPerLine: Int
  /// Output lines of all samples together.
  private let lines: Int
  private let geometry: ck_geometry
  /// Whether the patches are the input itself.
  private let isPointwise: Bool

  /// Floats of a gathered tile, about half of a second-level cache.
  private static let tileCapacity = 128 * 1024

  init(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry) {
    length = geometry.taps * input.channels
    positionsPerLine = output.width
    lines = output.batch * output.height
    isPointwise = geometry.isPointwise
    self.geometry = geometry.cGeometry(input, output)
  }

  /// Calls `body` for tiles of whole lines, in parallel, with their patches.
  func forEachTile(
    of x: UnsafePointer<Float>, _ pass: Pass,
    _ body: (_ lines: Range<Int>, _ rows: UnsafePointer<Float>) -> Void
  ) {
    // At least four tiles, so that one small image keeps several workers busy.
    let height = tileHeight(columns: length, atMost: (lines + 3) / 4)
    let tiles = (lines + height - 1) / height
    let size = height * positionsPerLine * length
    func range(of tile: Int) -> Range<Int> { tile * height..<min(lines, (tile + 1) * height) }
    if isPointwise {
      parallelTasks(tiles) { tile in
        let range = range(of: tile)
        body(range, x + range.lowerBound * positionsPerLine * length)
      }
    } else {
      pass.parallelTasks(tiles, scratch: size) { tile, buffer in
        let range = range(of: tile)
        gather(x, range, 0..<length, into: buffer)
        body(range, buffer)
      }
    }
  }

  /// Calls `body` for every range of columns, in parallel, and within one for all tiles of lines,
  /// in order, so that what it sums does not depend on the number of workers.
  func forEachColumnTile(
    of x: UnsafePointer<Float>, _ pass: Pass,
    _ body: (_ lines: Range<Int>, _ columns: Range<Int>, _ rows: UnsafePointer<Float>) -> Void
  ) {
    let parts = columnParts
    let width = (length + parts - 1) / parts
    let height = tileHeight(columns: width, atMost: lines)
    let size = height * positionsPerLine * width
    pass.parallelTasks(parts, scratch: size) { part, buffer in
      let columns = part * width..<min(length, (part + 1) * width)
      for start in stride(from: 0, to: lines, by: height) {
        let range = start..<min(lines, start + height)
        gather(x, range, columns, into: buffer)
        body(range, columns, buffer)
      }
    }
  }

  /// Adds one sample's patches to the positions they were seen at.
  func scatter(_ rows: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: geometry) { ck_scatter_patches(dx, rows, $0) }
  }

  private func gather(
    _ x: UnsafePointer<Float>, _ lines: Range<Int>, _ columns: Range<Int>,
    into rows: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: geometry) {
      ck_gather_patches(
        rows, x, $0, lines.lowerBound, lines.upperBound, columns.lowerBound, columns.upperBound)
    }
  }

  private func tileHeight(columns: Int, atMost limit: Int) -> Int {
    max(1, min(limit, Self.tileCapacity / (positionsPerLine * columns)))
  }

  /// Into how many ranges the columns are cut: a power of two, 72 columns or more each.
  private var columnParts: Int {
    var parts = 1
    while parts < 8 && length / (2 * parts) >= 72 { parts *= 2 }
    return parts
  }
}

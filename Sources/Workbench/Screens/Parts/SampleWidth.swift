import Diffusion
import TUI

/// How wide a panel of samples is to be, so that images are enlarged by the largest whole factor and
/// what is left goes to the charts.
struct SampleWidth {
  /// What the samples are, or nil while none are there.
  let shape: Shape?
  let kind: Dataset.Kind

  /// The samples of a frame.
  init(_ frame: Frame?, _ format: SampleFormat?) {
    shape = frame?.shape
    kind = format?.kind ?? .image
  }

  /// The columns of a panel with `rows` rows for the samples, between a least and a greatest width.
  func columns(rows: Int, least: Int, most: Int) -> Int {
    let most = max(least, most)
    switch kind {
    // A square plane, with the numbers at its side.
    case .points: return min(max(least, 2 * rows + 8), most)
    case .signal, .text: return min(max(least, 100), most)
    case .image: break
    }
    guard let shape, shape.height > 0, shape.width > 0 else { return min(max(least, 64), most) }
    let imageSize = Size(shape.width, shape.height)
    for times in stride(from: 8, through: 1, by: -1) {
      let cell = ImageScale.enlarged(times).cells(imageSize, style: .halfBlocks)
      let down = (rows + 1) / (cell.height + 1)
      guard down > 0 else { continue }
      // All of them side by side, or as many as there is room for, if those are enough to judge by.
      let across = min((shape.batch + down - 1) / down, (most - 3) / (cell.width + 1))
      guard across * down >= min(8, shape.batch) else { continue }
      return min(max(least, across * (cell.width + 1) + 3), most)
    }
    return least
  }
}

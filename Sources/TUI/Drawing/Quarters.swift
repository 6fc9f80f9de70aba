/// Quarter blocks: four colours shown as well as two can.
enum Quarters {
  /// Which quarters a block fills, by bit: upper left, upper right, lower left, lower right.
  private static let blocks: [Unicode.Scalar] = [
    " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
  ]

  /// The block and the two colours with the least squared error for four colours.
  static func best(for colors: [Color]) -> (scalar: Unicode.Scalar, style: Style) {
    if colors.allSatisfy({ $0 == colors[0] }) { return (" ", Style(on: colors[0])) }
    // Filling a set of quarters or the others is the same split, so that 7 of 14 are enough.
    let splits = (1..<8).map { (mask: $0, error: error(colors, $0)) }
    let mask = splits.min { $0.error < $1.error }?.mask ?? 1
    return (blocks[mask], Style(mean(colors, mask), on: mean(colors, ~mask)))
  }

  private static func error(_ colors: [Color], _ mask: Int) -> Int {
    [mask, ~mask].reduce(0) { total, side in
      let mean = mean(colors, side)
      return colors.indices.reduce(total) { total, index in
        guard side >> index & 1 == 1 else { return total }
        let red = Int(colors[index].red) - Int(mean.red)
        let green = Int(colors[index].green) - Int(mean.green)
        let blue = Int(colors[index].blue) - Int(mean.blue)
        return total + red * red + green * green + blue * blue
      }
    }
  }

  private static func mean(_ colors: [Color], _ mask: Int) -> Color {
    var sum = (0, 0, 0)
    var count = 0
    for (index, color) in colors.enumerated() where mask >> index & 1 == 1 {
      sum = (sum.0 + Int(color.red), sum.1 + Int(color.green), sum.2 + Int(color.blue))
      count += 1
    }
    return ImagePainter.mean(sum, max(1, count))
  }
}

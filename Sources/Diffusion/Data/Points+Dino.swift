extension Points {
  /// A long-necked dinosaur in one line, with an eye and a mouth; drawn for this project.
  ///
  /// The points lie evenly along the lines of the drawing.
  static func dino() -> Dataset {
    let points = along(drawing, count: 142).map { ($0.x / 50 - 1, $0.y / 50 - 1) }
    return dataset("dino", points)
  }

  /// The lines of the drawing on a sheet of 100×100, y upwards.
  private static let drawing: [[Point]] = [
    [
      // The tail and the back.
      (2, 40), (8, 39), (15, 41), (23, 46), (31, 53), (40, 58), (50, 59), (58, 56), (64, 55),
      // The neck and the head.
      (69, 61), (72, 71), (75, 81), (79, 88), (85, 92), (91, 91), (96, 87), (97, 83),
      (93, 80), (87, 80), (83, 76), (81, 67), (80, 56), (78, 46),
      // The front leg, the belly, the hind leg and the underside of the tail.
      (75, 37), (74, 26), (74, 14), (65, 14), (65, 25), (62, 34), (54, 32), (46, 34),
      (45, 25), (45, 14), (36, 14), (35, 26), (32, 37), (23, 35), (12, 34), (2, 40),
    ],
    [(86, 87), (88, 88.5), (90, 87), (88, 85.5), (86, 87)],
    [(96, 84.5), (91, 83.5)],
  ]

  /// `count` points evenly along the lines, one line after the other.
  private static func along(_ lines: [[Point]], count: Int) -> [Point] {
    let pieces = lines.flatMap { Array(zip($0, $0.dropFirst())) }
    let lengths = pieces.map { from, to in
      ((to.x - from.x) * (to.x - from.x) + (to.y - from.y) * (to.y - from.y)).squareRoot()
    }
    let spacing = lengths.reduce(0, +) / Double(count)
    var points: [Point] = []
    var start = 0.0
    for ((from, to), length) in zip(pieces, lengths) {
      while points.count < count, case let place = (Double(points.count) + 0.5) * spacing - start,
        place < length
      {
        let part = place / length
        points.append((from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)))
      }
      start += length
    }
    return points
  }
}

extension BuiltInData {
  /// 142 points in the plane along the drawing of a dinosaur.
  public static let dino = BuiltInData("dino", "142 points along the drawing of a dinosaur") {
    Points.dino()
  }
}

/// Lines with fewer places that look the same, so that files stay small.
extension [Place] {
  /// Of each quarter of a pixel across, the first place, the last, the highest and the lowest.
  var thinned: [Place] {
    guard count > 1000 else { return self }
    var thinned: [Place] = []
    var column: [Place] = []
    func finish() {
      guard let first = column.first, let last = column.last,
        let top = column.min(by: { $0.y < $1.y }), let bottom = column.max(by: { $0.y < $1.y })
      else { return }
      for place in [first, top, bottom, last] where place != thinned.last {
        thinned.append(place)
      }
    }
    for place in self {
      if let first = column.first, (place.x * 4).rounded() != (first.x * 4).rounded() {
        finish()
        column = []
      }
      column.append(place)
    }
    finish()
    return thinned
  }

  /// Without the places between two others that a straight line passes within a twentieth of a pixel.
  ///
  /// Source: Reumann and Witkam 1974.
  var straightened: [Place] {
    guard count > 2 else { return self }
    var kept = [self[0]]
    var (anchor, aim) = (self[0], self[1])
    var reached = 0.0
    for (previous, place) in zip(dropFirst(), dropFirst(2)) {
      let (dx, dy) = (aim.x - anchor.x, aim.y - anchor.y)
      let length = Swift.max((dx * dx + dy * dy).squareRoot(), 1e-12)
      let (x, y) = (place.x - anchor.x, place.y - anchor.y)
      let ahead = (x * dx + y * dy) / length
      // A line that turns back on itself has an end to show.
      if abs(x * dy - y * dx) / length > 0.05 || ahead < Swift.max(reached, length) {
        kept.append(previous)
        (anchor, aim, reached) = (previous, place, 0)
      } else {
        reached = ahead
      }
    }
    return kept + [self[count - 1]]
  }
}

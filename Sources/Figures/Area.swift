/// A place on a sheet; y goes down.
struct Place: Hashable {
  var x: Double
  var y: Double
}

/// A rectangle on a sheet.
struct Area: Hashable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
  var middle: Place { Place(x: x + width / 2, y: y + height / 2) }

  /// The rectangle without strips at its sides.
  func inset(top: Double = 0, left: Double = 0, bottom: Double = 0, right: Double = 0) -> Area {
    Area(
      x: x + left, y: y + top, width: max(0, width - left - right),
      height: max(0, height - top - bottom))
  }

  /// Whether a place is inside or on the edge.
  func contains(_ place: Place) -> Bool {
    place.x >= x && place.x <= right && place.y >= y && place.y <= bottom
  }
}

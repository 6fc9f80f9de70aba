internal import Platform

/// A gradient through some colours that looks even: mixed in OKLab, and spaced so that equal steps
/// look equally large however far apart the colours are.
///
/// Source: Björn Ottosson 2020, <https://bottosson.github.io/posts/oklab/>.
package struct ColorRamp: Hashable, Sendable {
  /// The colours on the way, at least one.
  package let stops: [Color]
  /// The gradient in 256 steps.
  private let table: [Color]

  /// - Precondition: at least one stop; those without a 24-bit value are skipped between others.
  package init(_ stops: [Color]) {
    precondition(!stops.isEmpty, "a ramp needs at least one colour")
    self.stops = stops
    let known = stops.compactMap(OKLab.init)
    guard known.count == stops.count, stops.count > 1 else {
      table = (0..<256).map { stops[$0 * stops.count / 256] }
      return
    }
    var distances = [0.0]
    for (from, to) in zip(known, known.dropFirst()) {
      distances.append(distances[distances.count - 1] + from.distance(to: to))
    }
    let length = distances[distances.count - 1]
    var index = 0
    table = (0..<256).map { step in
      let way = length * Double(step) / 255
      while index < known.count - 2, distances[index + 1] < way { index += 1 }
      let leg = distances[index + 1] - distances[index]
      let share = leg > 0 ? min(max((way - distances[index]) / leg, 0), 1) : 0
      return known[index].mixed(known[index + 1], share).color
    }
  }

  /// The colour at a place from 0 to 1.
  package subscript(place: Double) -> Color {
    let clamped = place.isFinite ? min(max(place, 0), 1) : 0
    return table[Int((clamped * 255).rounded())]
  }
}

/// A colour as lightness and two hue axes that the eye finds even.
struct OKLab {
  /// Lightness, 0 to 1.
  var l: Double
  var a: Double
  var b: Double

  private init(l: Double, a: Double, b: Double) {
    (self.l, self.a, self.b) = (l, a, b)
  }

  init?(_ color: Color) {
    guard color.hex != nil else { return nil }
    let (red, green, blue) = (linear(color.red), linear(color.green), linear(color.blue))
    let long = cbrt(0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue)
    let medium = cbrt(0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue)
    let short = cbrt(0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue)
    l = 0.210_454_255_3 * long + 0.793_617_785 * medium - 0.004_072_046_8 * short
    a = 1.977_998_495_1 * long - 2.428_592_205 * medium + 0.450_593_709_9 * short
    b = 0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766 * short
  }

  /// How different two colours look; black and white are 1 apart.
  func distance(to other: OKLab) -> Double {
    let (l, a, b) = (l - other.l, a - other.a, b - other.b)
    return (l * l + a * a + b * b).squareRoot()
  }

  /// As dark as this one is light.
  var inverted: OKLab { OKLab(l: 1 - l, a: a, b: b) }

  func mixed(_ other: OKLab, _ share: Double) -> OKLab {
    OKLab(
      l: l + (other.l - l) * share, a: a + (other.a - a) * share, b: b + (other.b - b) * share)
  }

  var color: Color {
    let long = pow(l + 0.396_337_777_4 * a + 0.215_803_757_3 * b, 3)
    let medium = pow(l - 0.105_561_345_8 * a - 0.063_854_172_8 * b, 3)
    let short = pow(l - 0.089_484_177_5 * a - 1.291_485_548 * b, 3)
    return Color(
      red: encoded(4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short),
      green: encoded(
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short),
      blue: encoded(
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short))
  }
}

/// Light from the byte of an sRGB colour, 0 to 1.
func linear(_ byte: UInt8) -> Double {
  let value = Double(byte) / 255
  return value <= 0.040_45 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
}

private func encoded(_ light: Double) -> UInt8 {
  let light = min(max(light, 0), 1)
  let value = light <= 0.003_130_8 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055
  return UInt8((value * 255).rounded())
}

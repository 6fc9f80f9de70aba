/// A colour with its opacity, each part from 0 to 1.
struct Hue: Hashable {
  var red: Double
  var green: Double
  var blue: Double
  var opacity = 1.0

  init(_ hex: UInt32, opacity: Double = 1) {
    red = Double(hex >> 16 & 0xFF) / 255
    green = Double(hex >> 8 & 0xFF) / 255
    blue = Double(hex & 0xFF) / 255
    self.opacity = opacity
  }

  /// A colour on the way to another.
  func mixed(_ other: Hue, _ share: Double) -> Hue {
    var mixed = self
    mixed.red += (other.red - red) * share
    mixed.green += (other.green - green) * share
    mixed.blue += (other.blue - blue) * share
    return mixed
  }
}

/// What figures look like: dark marks on white, in colours that remain apart for colour-blind eyes.
enum Paper {
  static let background = Hue(0xFFFFFF)
  static let text = Hue(0x222222)
  static let axis = Hue(0x444444)
  static let grid = Hue(0xE6E6E6)

  static let titleSize = 15.0
  static let panelTitleSize = 12.5
  static let labelSize = 12.0
  static let tickSize = 10.5

  /// Source: Okabe and Ito 2008, without the yellow that paper swallows, and two more.
  private static let series = [
    0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x7A5195, 0x4D4D4D,
  ].map { Hue(UInt32($0)) }

  /// From noise to data: warm and light to dark, so that order shows without colours too.
  private static let ramp = [0xEFB02E, 0xEB6B3F, 0xC2347A, 0x6A3D9A, 0x1F4E9C].map {
    Hue(UInt32($0))
  }

  /// From one side of a middle value to the other.
  private static let sides = [0xB4451F, 0xE9A06E, 0xF7F5F2, 0x7FA9D6, 0x1F4E9C].map {
    Hue(UInt32($0))
  }

  /// The colour of a number of a heat map, from its lowest (0) to its highest (1).
  static func diverging(_ place: Double) -> Hue { color(at: place, of: sides) }

  private static func color(at place: Double, of ramp: [Hue]) -> Hue {
    let place = (place.isFinite ? min(max(place, 0), 1) : 0) * Double(ramp.count - 1)
    let index = min(Int(place), ramp.count - 2)
    return ramp[index].mixed(ramp[index + 1], place - Double(index))
  }

  static func color(_ tint: Figure.Tint) -> Hue {
    switch tint {
    case .series(let index): series[index % series.count]
    case .pale(let index): series[index % series.count].mixed(background, 0.65)
    case .noise(let place): color(at: place, of: ramp)
    }
  }
}

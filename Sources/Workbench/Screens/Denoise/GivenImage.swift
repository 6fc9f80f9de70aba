import Axes
import Diffusion

/// Where an image comes from that is edited.
enum GivenImage: Sendable, Equatable {
  /// The sample of the training data with this number, from 0.
  case data(Int)
  /// A sample of a trajectory, which had this number, from 0.
  case sample(Int, [Float])
  /// A file.
  case file(String, Image)

  /// What the form calls it.
  var text: String {
    switch self {
    case .data(let index): "data \(Numbers.grouped(index + 1))"
    case .sample(let index, _): "sample \(index + 1)"
    case .file(let path, _): Self.name(of: path)
    }
  }

  /// A file as forms show it: without its folders.
  static func name(of path: String) -> String {
    Wording.escaped(path.split(separator: "/").last.map(String.init) ?? path)
  }
}

/// The part of an image that is inpainted.
enum HiddenPart: Sendable, Equatable {
  case preset(Preset)
  /// Painted by hand: an entry per pixel, true where it is hidden.
  case painted([Bool])
  /// Of a file, whose black pixels are hidden.
  case file(String, Image)

  enum Preset: String, CaseIterable {
    case left, right, top, bottom, center, random
  }

  var text: String {
    switch self {
    case .preset(let preset): preset.rawValue
    case .painted: "painted"
    case .file(let path, let image): GivenImage.file(path, image).text
    }
  }

  /// Which pixels of images of a shape are hidden, row by row.
  func pixels(of shape: Shape) throws(FieldInputError) -> [Bool] {
    let (height, width) = (shape.height, shape.width)
    switch self {
    case .preset(let preset): return Self.pixels(preset, height, width)
    case .painted(let hidden) where hidden.count == height * width: return hidden
    case .painted:
      throw FieldInputError("the painted mask is not of \(height)×\(width); paint it again")
    case .file(let path, let image):
      let name = Wording.escaped(path)
      guard image.height == height, image.width == width else {
        throw FieldInputError(
          "\(name): is a mask of \(image.height)×\(image.width); expected \(height)×\(width)")
      }
      guard image.channels == 1, image.bytes.allSatisfy({ $0 == 0 || $0 == 255 }) else {
        throw FieldInputError(
          "\(name): has grey or coloured pixels; expected only white ones, which are kept, and "
            + "black ones, which are inpainted")
      }
      return image.bytes.map { $0 == 0 }
    }
  }

  private static func pixels(_ preset: Preset, _ height: Int, _ width: Int) -> [Bool] {
    // Half of the pixels, always the same ones.
    var random = Random(seed: 1)
    return (0..<height * width).map { place in
      let (y, x) = (place / width, place % width)
      switch preset {
      case .left: return x < width / 2
      case .right: return x >= width - width / 2
      case .top: return y < height / 2
      case .bottom: return y >= height - height / 2
      case .center:
        return (height / 4..<height - height / 4).contains(y)
          && (width / 4..<width - width / 4).contains(x)
      case .random: return random.next32() % 2 == 0
      }
    }
  }
}

extension Image {
  /// Its values in a range, in (height, width, channels) order, with grey as equal colours where these are wanted;
  /// nil where it is coloured and grey is wanted.
  func values(channels wanted: Int, _ range: ClosedRange<Float>) -> [Float]? {
    guard channels == wanted || channels == 1 else { return nil }
    let scale = (range.upperBound - range.lowerBound) / 255
    return bytes.flatMap { byte in
      repeatElement(
        range.lowerBound + scale * Float(byte), count: channels == wanted ? 1 : wanted)
    }
  }
}

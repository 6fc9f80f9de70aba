import ArgumentParser
import Diffusion

/// A task with its files, read and checked.
struct EditJob {
  /// What is done, with its images.
  let edit: ImageEdit
  /// The option or file that sentences about the task itself begin with; nil for the model.
  let place: String?
  /// What else the user should know, a line each.
  let notes: [String]

  /// `enlargement` is how many times the model's network was trained to enlarge images, 0 for an ordinary one.
  init(
    _ command: EditCommand, _ format: SampleFormat, seed: UInt64, enlargement: Int
  ) throws {
    let reader = EditImageReader(images: command.images, format: format)
    let strengths = command.strengths
    let truth = try reader.truth()
    var (place, notes) = (String?.none, [String]())
    switch command.task {
    case .denoise:
      (edit, place, notes) = try Self.denoising(reader, strengths.noiseLevel, truth, seed)
    case .inpaint:
      edit = .filling(
        try reader.whole(), known: try reader.mask(), strengths.repaint, format, truth: truth)
    case .outpaint:
      let (image, known) = try reader.placed()
      edit = .filling(image, known: known, strengths.repaint, format, truth: truth)
    case .superres: edit = try Self.enlarging(reader, strengths, truth, enlargement)
    case .colorize: edit = try Self.colouring(reader, strengths, truth)
    case .img2img:
      let strength = strengths.strength ?? 0.5
      edit = .varying(try reader.whole(), strength: strength)
      place = "--strength \(Wording.short(strength))"
    case .interpolate:
      edit = .interpolating(try reader.whole(), try reader.destination())
    }
    (self.place, self.notes) = (place, notes)
  }

  private static func denoising(
    _ reader: EditImageReader, _ level: Double?, _ truth: [Float]?, _ seed: UInt64
  ) throws -> (ImageEdit, String?, [String]) {
    let shape = reader.format.shape
    // Levels are given where images span 2, whatever the model's range is.
    let unit = reader.format.unit
    let image: [Float]
    if reader.images.image == nil, let truth {
      guard let level else {
        throw ValidationError("--task denoise: needs --noise-level, or an --image with noise")
      }
      image = ImageEdit.noised(truth, deviation: level * unit, shape, seed: seed)
    } else {
      image = try reader.whole()
    }
    if let level {
      let edit = ImageEdit.denoising(image, deviation: level * unit, truth: truth)
      return (edit, "--noise-level \(Wording.short(level))", [])
    }
    guard min(shape.height, shape.width) >= 2 else {
      throw ValidationError("--task denoise: needs --noise-level for images this small")
    }
    let estimate = NoiseEstimate.standardDeviation(image, shape: shape)
    let note =
      "estimated noise: a standard deviation of \(Wording.rounded(estimate / unit)), where images span 2; "
      + "too low where values were clipped (--noise-level sets it)"
    return (.denoising(image, deviation: estimate, truth: truth), reader.images.image, [note])
  }

  private static func enlarging(
    _ reader: EditImageReader, _ strengths: EditStrengthOptions, _ truth: [Float]?,
    _ enlargement: Int
  ) throws -> ImageEdit {
    if enlargement > 0 {
      if let factor = strengths.factor, factor != enlargement {
        throw ValidationError(
          "--factor \(factor): the network was trained to enlarge images \(enlargement) times; leave it out"
        )
      }
      if strengths.zeta != nil {
        throw ValidationError(
          "--zeta: belongs to posterior sampling; this network was trained to enlarge images; leave it out"
        )
      }
    }
    let factor = strengths.factor ?? (enlargement > 0 ? enlargement : 2)
    let shape = reader.format.shape
    guard shape.height % factor == 0, shape.width % factor == 0 else {
      throw ValidationError(
        "--factor \(factor): the model makes images of \(shape.height)×\(shape.width); expected a "
          + "divisor of both")
    }
    let small = Shape(1, shape.height / factor, shape.width / factor, shape.channels)
    let image = try reader.measured(by: BlockMeans(factor: factor), truth, small)
    return .enlarging(
      image, factor: factor, zeta: strengths.zeta ?? 1, reader.format, truth: truth)
  }

  private static func colouring(
    _ reader: EditImageReader, _ strengths: EditStrengthOptions, _ truth: [Float]?
  ) throws -> ImageEdit {
    let shape = reader.format.shape
    guard shape.channels == 3 else {
      throw ValidationError(
        "--task colorize: needs a model of colour images; this one has "
          + "\(Wording.count(shape.channels, "channel"))")
    }
    let grey = Shape(1, shape.height, shape.width, 1)
    let image = try reader.measured(by: Brightness(), truth, grey)
    return .colouring(image, zeta: strengths.zeta ?? 1, truth: truth)
  }
}

/// Reads the files of an edit as images of a model.
struct EditImageReader {
  let images: EditImageOptions
  let format: SampleFormat

  func truth() throws -> [Float]? {
    try images.truth.map { try read($0, format.shape) }
  }

  /// The image, of the model's shape; the truth where there is none.
  func whole() throws -> [Float] {
    try read(images.image ?? images.truth ?? "", format.shape)
  }

  func destination() throws -> [Float] { try read(images.to ?? "", format.shape) }

  /// What is measured: the image, of `shape`, or what the truth gives.
  func measured(
    by measurement: any LinearMeasurement, _ truth: [Float]?, _ shape: Shape
  ) throws -> [Float] {
    if let image = images.image { return try read(image, shape) }
    guard let truth else { preconditionFailure("a task has an image or the truth") }
    return measurement.apply(Tensor(format.shape, truth)).values
  }

  /// Which values the mask keeps.
  func mask() throws -> [Bool] {
    let path = images.mask ?? ""
    let shape = format.shape
    let grey = SampleFormat(
      kind: .image, shape: Shape(1, shape.height, shape.width, 1), range: 0...1)
    let pixels = try read(path, as: grey)
    guard pixels.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw CommandError(
        "\(path): has grey pixels; expected only white ones, which are kept, and black ones, which are inpainted"
      )
    }
    guard Set(pixels).count == 2 else {
      throw CommandError(
        "\(path): is all \(pixels[0] == 1 ? "white, so that nothing is made" : "black, so that nothing is kept"); "
          + "expected both white and black pixels")
    }
    return pixels.flatMap { Array(repeating: $0 == 1, count: shape.channels) }
  }

  /// The smaller image in its place among zeros, and which values it has.
  func placed() throws -> (image: [Float], known: [Bool]) {
    let (path, shape) = (images.image ?? "", format.shape)
    let size = try PNG.read(path)
    let (down, across) = (shape.height - size.height, shape.width - size.width)
    guard down >= 0, across >= 0, down + across > 0 else {
      throw CommandError(
        "\(path): is an image of \(size.height)×\(size.width); expected a smaller one than the model's "
          + "\(shape.height)×\(shape.width), and no larger along either side")
    }
    let small = try read(path, Shape(1, size.height, size.width, shape.channels))
    let place = images.place ?? .center
    let top = place == .top ? 0 : place == .bottom ? down : down / 2
    let left = place == .left ? 0 : place == .right ? across : across / 2
    var image = [Float](repeating: 0, count: shape.sampleCount)
    var known = [Bool](repeating: false, count: shape.sampleCount)
    let row = size.width * shape.channels
    for y in 0..<size.height {
      let start = ((top + y) * shape.width + left) * shape.channels
      image.replaceSubrange(start..<start + row, with: small[y * row..<(y + 1) * row])
      known.replaceSubrange(start..<start + row, with: repeatElement(true, count: row))
    }
    return (image, known)
  }

  private func read(_ path: String, _ shape: Shape) throws -> [Float] {
    try read(path, as: SampleFormat(kind: .image, shape: shape, range: format.range))
  }

  private func read(_ path: String, as wanted: SampleFormat) throws -> [Float] {
    let (image, shape) = (try PNG.read(path), wanted.shape)
    guard image.height == shape.height, image.width == shape.width else {
      throw CommandError(
        "\(path): is an image of \(image.height)×\(image.width); expected \(shape.height)×\(shape.width)"
      )
    }
    return try SampleFiles.read(path, as: wanted).samples[0]
  }
}

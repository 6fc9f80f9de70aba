import ArgumentParser
import Diffusion

/// A task with its files, read and checked.
struct EditJob {
  /// What is done; nil for an interpolation.
  var task: EditTask?
  /// What the editor gets: images, or their measurement.
  var given: [[Float]]
  /// What was given, as it is shown: images of the model's shape.
  var shown: [[Float]]
  /// What should come out, where it is known.
  var truth: [Float]?
  /// The option or file that sentences about the task itself begin with; nil for the model.
  var place: String?
  /// What else the user should know, a line each.
  var notes: [String] = []

  /// What an enlargement is compared with, in (height, width, channels) order; nil for other tasks.
  var bicubic: [Float]?

  /// `enlargement` is how many times the model's network was trained to enlarge images, 0 for an ordinary one.
  init(
    _ command: EditCommand, _ format: SampleFormat, seed: UInt64, enlargement: Int
  ) throws {
    let reader = EditImageReader(images: command.images, format: format)
    let strengths = command.strengths
    truth = try reader.truth()
    (given, shown) = ([], [])
    switch command.task {
    case .denoise: try prepareDenoising(reader, strengths.noiseLevel, seed)
    case .inpaint:
      try prepareFilling(try reader.whole(), try reader.mask(), strengths.repaint, format)
    case .outpaint:
      let (image, known) = try reader.placed()
      try prepareFilling(image, known, strengths.repaint, format)
    case .superres: try prepareEnlarging(reader, strengths, enlargement)
    case .colorize: try prepareColouring(reader, strengths)
    case .img2img:
      let strength = strengths.strength ?? 0.5
      task = .vary(strength: strength)
      (given, place) = ([try reader.whole()], "--strength \(Wording.short(strength))")
      shown = given
    case .interpolate:
      given = [try reader.whole(), try reader.destination()]
      shown = given
    }
  }

  private mutating func prepareDenoising(
    _ reader: EditImageReader, _ level: Double?, _ seed: UInt64
  ) throws {
    let shape = reader.format.shape
    // Levels are given where images span 2, whatever the model's range is.
    let range = reader.format.range
    let unit = Double(range.upperBound - range.lowerBound) / 2
    if reader.images.image == nil, let truth {
      guard let level else {
        throw ValidationError("--task denoise: needs --noise-level, or an --image with noise")
      }
      // Of another seed than the sampler's noise.
      var noise = NoiseSource(seed: ~seed, samples: 0..<1)
      let drawn = noise.draw(shape).values
      given = [zip(truth, drawn).map { $0 + Float(level * unit) * $1 }]
    } else {
      given = [try reader.whole()]
    }
    shown = given
    if let level {
      (task, place) = (.denoise(deviation: level * unit), "--noise-level \(Wording.short(level))")
      return
    }
    guard min(shape.height, shape.width) >= 2 else {
      throw ValidationError("--task denoise: needs --noise-level for images this small")
    }
    let estimate = NoiseEstimate.standardDeviation(given[0], shape: shape)
    (task, place) = (.denoise(deviation: estimate), reader.images.image)
    notes.append(
      "estimated noise: a standard deviation of \(Wording.rounded(estimate / unit)), where images span 2; "
        + "too low where values were clipped (--noise-level sets it)")
  }

  private mutating func prepareFilling(
    _ image: [Float], _ known: [Bool], _ repaint: RePaint, _ format: SampleFormat
  ) throws {
    task = .fill(known: known, repaint)
    given = [image]
    let middle = (format.range.lowerBound + format.range.upperBound) / 2
    shown = [zip(image, known).map { $1 ? $0 : middle }]
  }

  private mutating func prepareEnlarging(
    _ reader: EditImageReader, _ strengths: EditStrengthOptions, _ enlargement: Int
  ) throws {
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
    let measurement = BlockMeans(factor: factor)
    let small = Shape(1, shape.height / factor, shape.width / factor, shape.channels)
    given = [try reader.measured(by: measurement, truth, small)]
    bicubic = BicubicEnlargement(factor: factor).enlarge(given[0], small)
    let large = measurement.adjoint(Tensor(small, given[0])).values
    shown = [large.map { $0 * Float(factor * factor) }]
    task = .recover(measurement, .ofNorm(strengths.zeta ?? 1))
  }

  private mutating func prepareColouring(
    _ reader: EditImageReader, _ strengths: EditStrengthOptions
  ) throws {
    let shape = reader.format.shape
    guard shape.channels == 3 else {
      throw ValidationError(
        "--task colorize: needs a model of colour images; this one has "
          + "\(Wording.count(shape.channels, "channel"))")
    }
    let grey = Shape(1, shape.height, shape.width, 1)
    given = [try reader.measured(by: Brightness(), truth, grey)]
    shown = [given[0].flatMap { [$0, $0, $0] }]
    task = .recover(Brightness(), .ofNorm(strengths.zeta ?? 1))
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
        "\(path): has grey pixels; expected only white ones, which are kept, and black ones, which are made anew"
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

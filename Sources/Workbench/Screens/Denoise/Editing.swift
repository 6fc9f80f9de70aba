import Diffusion

/// What the Denoise screen makes: samples from noise, or something of given images.
struct Editing: Sendable, Equatable {
  var settings = EditSettings()
  var image = GivenImage.data(0)
  /// The second image of an interpolation.
  var target = GivenImage.data(1)
  var hidden = HiddenPart.preset(.right)

  /// An edit with a line about what was found out on the way.
  struct Prepared {
    var edit: ImageEdit
    var note: String?
  }

  /// The edit that the settings describe, of images of a format and data; nil where there is none.
  func prepare(
    _ format: SampleFormat, _ dataset: Dataset?, seed: UInt64
  ) throws(FieldInputError) -> Prepared? {
    guard let task = settings.task else { return nil }
    guard format.kind == .image else { throw FieldInputError("only images can be edited") }
    let reader = Reader(format: format, dataset: dataset)
    switch task {
    case .denoise: return try denoising(reader, seed)
    case .inpaint:
      let image = try reader.whole(self.image)
      return Prepared(
        edit: .filling(
          image, known: try known(reader), settings.repaint, format, truth: image))
    case .outpaint:
      let placed = try reader.placed(image, at: settings.place)
      return Prepared(
        edit: .filling(
          placed.image, known: placed.known, settings.repaint, format, truth: placed.truth))
    case .superres: return Prepared(edit: try enlarging(reader))
    case .colorize: return Prepared(edit: try colouring(reader))
    case .img2img:
      return Prepared(edit: .varying(try reader.whole(image), strength: settings.strength))
    case .interpolate:
      return Prepared(
        edit: .interpolating(try reader.whole(image), try reader.whole(target)))
    }
  }

  private func known(_ reader: Reader) throws(FieldInputError) -> [Bool] {
    let pixels = try hidden.pixels(of: reader.format.shape)
    guard Set(pixels).count == 2 else {
      throw FieldInputError(
        pixels.contains(true)
          ? "the mask hides everything; expected some pixels to be kept"
          : "the mask hides nothing; expected some pixels to be inpainted")
    }
    return pixels.flatMap { repeatElement(!$0, count: reader.format.shape.channels) }
  }

  private func denoising(_ reader: Reader, _ seed: UInt64) throws(FieldInputError) -> Prepared {
    let format = reader.format
    let clean = try reader.whole(image)
    let deviation = settings.noise * format.unit
    var (noisy, truth) = (clean, [Float]?.none)
    if case .file = image {
    } else {
      noisy = ImageEdit.noised(clean, deviation: deviation, format.shape, seed: seed)
      truth = clean
    }
    guard settings.level == .estimated else {
      return Prepared(edit: .denoising(noisy, deviation: deviation, truth: truth))
    }
    guard min(format.shape.height, format.shape.width) >= 2 else {
      throw FieldInputError("noise cannot be estimated in images this small; give its level")
    }
    let found = NoiseEstimate.standardDeviation(noisy, shape: format.shape.with(batch: 1))
    guard found > 0 else {
      throw FieldInputError("the image has no noise that can be estimated; give its level")
    }
    return Prepared(
      edit: .denoising(noisy, deviation: found, truth: truth),
      note: "estimated noise \(Wording.rounded(found / format.unit))")
  }

  private func enlarging(_ reader: Reader) throws(FieldInputError) -> ImageEdit {
    let (shape, factor) = (reader.format.shape, settings.factor)
    guard shape.height % factor == 0, shape.width % factor == 0 else {
      throw FieldInputError(
        "a factor of \(factor) does not divide images of \(shape.height)×\(shape.width)")
    }
    let small = Shape(1, shape.height / factor, shape.width / factor, shape.channels)
    let (measured, truth) = try reader.measured(image, by: BlockMeans(factor: factor), small)
    return .enlarging(
      measured, factor: factor, zeta: settings.zeta, reader.format, truth: truth)
  }

  private func colouring(_ reader: Reader) throws(FieldInputError) -> ImageEdit {
    let shape = reader.format.shape
    guard shape.channels == 3 else {
      throw FieldInputError(
        "colorize needs a model of colour images; this one has \(Wording.count(shape.channels, "channel"))"
      )
    }
    let grey = Shape(1, shape.height, shape.width, 1)
    let (measured, truth) = try reader.measured(image, by: Brightness(), grey)
    return .colouring(measured, zeta: settings.zeta, truth: truth)
  }

  /// The image as it is painted on, where it can be shown.
  func picture(_ format: SampleFormat, _ dataset: Dataset?) -> [Float]? {
    try? Reader(format: format, dataset: dataset).whole(image)
  }
}

/// Gives images as the values of a model.
private struct Reader {
  let format: SampleFormat
  let dataset: Dataset?

  /// An image of the model's shape.
  func whole(_ source: GivenImage) throws(FieldInputError) -> [Float] {
    let shape = format.shape
    switch source {
    case .file(let path, let image): return try values(path, image, shape)
    case .sample(_, let values):
      guard values.count == shape.sampleCount else {
        throw FieldInputError("the sample is not of this model's images; choose another")
      }
      return values
    case .data(let index):
      guard let dataset, dataset.count > 0 else {
        throw FieldInputError(
          "there is no training data here; type sample for the selected sample, or a PNG file")
      }
      return dataset.sample(at: min(index, dataset.count - 1))
    }
  }

  private func values(
    _ path: String, _ image: Image, _ wanted: Shape, or other: Shape? = nil
  ) throws(FieldInputError) -> [Float] {
    let name = Wording.escaped(path)
    guard image.height == wanted.height, image.width == wanted.width else {
      let sizes = ([wanted] + (other.map { [$0] } ?? [])).map { "\($0.height)×\($0.width)" }
      throw FieldInputError(
        "\(name): is an image of \(image.height)×\(image.width); expected "
          + sizes.joined(separator: " or "))
    }
    guard let values = image.values(channels: wanted.channels, format.range) else {
      throw FieldInputError("\(name): is a colour image; expected a grey one")
    }
    return values
  }

  /// What is measured of an image, which is then the truth; a file may have the measurement itself.
  func measured(
    _ source: GivenImage, by measurement: any LinearMeasurement, _ shape: Shape
  ) throws(FieldInputError) -> (measured: [Float], truth: [Float]?) {
    let whole = format.shape.with(batch: 1)
    if case .file(let path, let image) = source {
      let isGrey = shape.channels < whole.channels && image.channels == 1
      let isSmall = shape.height < whole.height && image.height != whole.height
      if isGrey || isSmall { return (try values(path, image, shape, or: whole), nil) }
    }
    let truth = try self.whole(source)
    return (measurement.apply(Tensor(whole, truth)).values, truth)
  }

  /// An image in its place among zeros, and which values it has: a smaller file, or the middle of a whole image, which
  /// is then the truth.
  func placed(
    _ source: GivenImage, at place: EditSettings.KeptPlace
  ) throws(FieldInputError) -> (image: [Float], known: [Bool], truth: [Float]?) {
    let shape = format.shape
    var size = (height: (shape.height + 1) / 2, width: (shape.width + 1) / 2)
    switch place {
    case .center: break
    case .left, .right: size.height = shape.height
    case .top, .bottom: size.width = shape.width
    }
    if case .file(let path, let file) = source,
      file.height != shape.height || file.width != shape.width
    {
      guard file.height <= shape.height, file.width <= shape.width else {
        throw FieldInputError(
          "\(Wording.escaped(path)): is an image of \(file.height)×\(file.width); expected one of "
            + "\(shape.height)×\(shape.width), or smaller")
      }
      let small = try values(path, file, Shape(1, file.height, file.width, shape.channels))
      let known = known((file.height, file.width), place)
      var rest = small[...]
      return (known.map { $0 ? rest.removeFirst() : 0 }, known, nil)
    }
    let truth = try whole(source)
    return (truth, known(size, place), truth)
  }

  /// Which values an image of a size has at a place of a larger one.
  private func known(
    _ size: (height: Int, width: Int), _ place: EditSettings.KeptPlace
  ) -> [Bool] {
    let shape = format.shape
    let (down, across) = (shape.height - size.height, shape.width - size.width)
    let top = place == .top ? 0 : place == .bottom ? down : down / 2
    let left = place == .left ? 0 : place == .right ? across : across / 2
    return (0..<shape.sampleCount).map { index in
      let (y, x) = (index / shape.channels / shape.width, index / shape.channels % shape.width)
      return (top..<top + size.height).contains(y) && (left..<left + size.width).contains(x)
    }
  }
}

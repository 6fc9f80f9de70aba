import Axes
import Diffusion

/// What can be made of given images.
enum ImageTask: String, RecipeWord {
  case denoise, inpaint, outpaint, superres, colorize, img2img, interpolate

  var meaning: String {
    switch self {
    case .denoise: "remove noise"
    case .inpaint: "make the hidden part anew"
    case .outpaint: "continue an image around its edges"
    case .superres: "enlarge"
    case .colorize: "colour a grey image"
    case .img2img: "vary an image"
    case .interpolate: "go from one image to another"
    }
  }
}

/// What is made of given images, with all that is needed for it.
struct ImageEdit: Sendable {
  /// What is done; nil for an interpolation between two images.
  var task: EditTask?
  /// What the editor gets: images, or their measurement, each in (height, width, channels) order.
  var given: [[Float]]
  /// What was given, as it is shown: images of the model's shape.
  var shown: [[Float]]
  /// What should come out, where it is known.
  var truth: [Float]?
  /// What bicubic interpolation makes of a small image, to compare with; nil for other tasks.
  var bicubic: [Float]?

  /// Whether each step needs vector–Jacobian products, which take more memory.
  var differentiates: Bool {
    if case .recover = task { true } else { false }
  }

  /// The trajectory that makes so many results, or exactly the rest of it after a recorded frame.
  ///
  /// - Throws: a ``ModelError`` where it cannot be done.
  func trajectory(
    by editor: Editor, count: Int, resuming frame: Frame? = nil
  ) throws(ModelError) -> Trajectory {
    guard let task else {
      return try editor.interpolation(given[0], given[1], count: count, resuming: frame)
    }
    let images = (0..<count).map { given[$0 % given.count] }
    return try editor.trajectory(task, of: images, resuming: frame)
  }
}

// MARK: - The tasks

extension ImageEdit {
  /// Removes noise of a standard deviation, in units of the data.
  static func denoising(_ image: [Float], deviation: Double, truth: [Float]?) -> ImageEdit {
    ImageEdit(
      task: .denoise(deviation: deviation), given: [image], shown: [image], truth: truth)
  }

  /// Makes what is not known of an image; `known` has an entry for each value.
  static func filling(
    _ image: [Float], known: [Bool], _ repaint: RePaint, _ format: SampleFormat, truth: [Float]?
  ) -> ImageEdit {
    let middle = (format.range.lowerBound + format.range.upperBound) / 2
    return ImageEdit(
      task: .fill(known: known, repaint), given: [image],
      shown: [zip(image, known).map { $1 ? $0 : middle }], truth: truth)
  }

  /// Enlarges a small image by a factor that divides the sides of the model's images.
  static func enlarging(
    _ small: [Float], factor: Int, zeta: Double, _ format: SampleFormat, truth: [Float]?
  ) -> ImageEdit {
    let measurement = BlockMeans(factor: factor)
    let shape = format.shape
    let blocks = Shape(1, shape.height / factor, shape.width / factor, shape.channels)
    let large = measurement.adjoint(Tensor(blocks, small)).values
    return ImageEdit(
      task: .recover(measurement, .ofNorm(zeta)), given: [small],
      shown: [large.map { $0 * Float(factor * factor) }], truth: truth,
      bicubic: BicubicEnlargement(factor: factor).enlarge(small, blocks))
  }

  /// Colours a grey image.
  static func colouring(_ grey: [Float], zeta: Double, truth: [Float]?) -> ImageEdit {
    ImageEdit(
      task: .recover(Brightness(), .ofNorm(zeta)), given: [grey],
      shown: [grey.flatMap { [$0, $0, $0] }], truth: truth)
  }

  /// Varies an image.
  static func varying(_ image: [Float], strength: Double) -> ImageEdit {
    ImageEdit(task: .vary(strength: strength), given: [image], shown: [image])
  }

  /// Leads from one image to another.
  static func interpolating(_ first: [Float], _ second: [Float]) -> ImageEdit {
    ImageEdit(task: nil, given: [first, second], shown: [first, second])
  }

  /// The image with noise of a standard deviation in units of the data, of another seed than the sampler's.
  static func noised(
    _ image: [Float], deviation: Double, _ shape: Shape, seed: UInt64
  ) -> [Float] {
    var noise = NoiseSource(seed: ~seed, samples: 0..<1)
    let drawn = noise.draw(shape.with(batch: 1)).values
    return zip(image, drawn).map { $0 + Float(deviation) * $1 }
  }
}

extension SampleFormat {
  /// Half of what images span: what noise levels are multiples of.
  var unit: Double { Double(range.upperBound - range.lowerBound) / 2 }
}

// MARK: - How well it was done

/// How similar images are to others, on average.
struct ImageScore: Equatable {
  /// The mean peak signal-to-noise ratio in decibels.
  var psnr: Double
  /// The mean structural similarity; nil for images that are too small for it.
  var ssim: Double?

  /// - Precondition: there is at least one pair.
  init(_ pairs: [([Float], [Float])], _ format: SampleFormat) {
    let span = 2 * format.unit
    func mean(_ measure: ([Float], [Float]) -> Double) -> Double {
      pairs.reduce(0) { $0 + measure($1.0, $1.1) } / Double(pairs.count)
    }
    psnr = mean { ImageSimilarity.peakSignalToNoiseRatio($0, $1, range: span) }
    guard min(format.shape.height, format.shape.width) > 2 else { return }
    ssim = mean {
      ImageSimilarity.structuralSimilarity(
        $0, $1, shape: format.shape.with(batch: 1), range: span)
    }
  }

  /// The ratio as text.
  var decibels: String { psnr.isFinite ? Numbers.fixed(psnr, 2) : "∞" }

  var text: String {
    "PSNR \(decibels) dB" + (ssim.map { ", SSIM \(Numbers.fixed($0, 3))" } ?? "")
  }
}

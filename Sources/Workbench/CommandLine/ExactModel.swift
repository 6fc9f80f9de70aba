import Diffusion
import Platform

/// A denoiser that is known without training: of a data set, of normal data, or of a mixture.
struct ExactModel {
  let denoiser: any Denoiser
  let format: SampleFormat

  /// What its names begin with on the command line.
  static let prefix = "exact:"

  /// The model with this name: `exact:gaussian`, `exact:mixture`, or `exact:` and a data set's name or
  /// file.
  init(_ name: String) throws {
    try BLAS.load()
    switch name.dropFirst(Self.prefix.count) {
    case "gaussian":
      denoiser = GaussianDenoiser()
      format = Self.plane
    case "":
      throw CommandError(
        "\(name): names no data; expected \(Self.prefix)DATA, \(Self.prefix)gaussian or "
          + "\(Self.prefix)mixture")
    case "mixture":
      denoiser = MixtureDenoiser(Self.ring)
      format = Self.plane
    case let data:
      let dataset = try DataConfiguration(source: String(data)).load()
      denoiser = dataset.kind == .text ? ExactTextDenoiser(dataset) : IdealDenoiser(dataset)
      format = dataset.format
    }
  }

  private static let plane = SampleFormat(
    kind: .points, shape: Shape(1, 1, 1, 2), range: -1...1)

  /// Eight modes around the origin.
  private static let ring = (0..<8).map { mode in
    let angle = Double(mode) / 8 * 2 * Double.pi
    return MixtureDenoiser.Component(
      mean: [Float(0.8 * cos(angle)), Float(0.8 * sin(angle))],
      deviation: 0.05)
  }
}

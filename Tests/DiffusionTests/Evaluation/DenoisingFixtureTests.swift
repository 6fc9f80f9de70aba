import Testing

@testable import Diffusion

@Suite("Image denoising against scikit-image")
struct DenoisingFixtureTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture("denoising") }

  private static let cases = ["grey", "rgb", "small"].flatMap { name in
    ["0.1", "0.4", "1.0"].map { "\(name).\($0)" }
  }

  /// An image in our order, with its shape.
  private func image(_ name: String) throws -> (values: [Float], shape: Shape) {
    let sides = try fixture.shape(name)
    let (channels, height, width) = (sides[0], sides[1], sides[2])
    let planes = try fixture.floats(name)
    let values = (0..<height * width).flatMap { place in
      (0..<channels).map { planes[$0 * height * width + place] }
    }
    return (values, Shape(1, height, width, channels))
  }

  private func clean(_ name: String) throws -> [Float] {
    try image("\(name.prefix { $0 != "." }).clean").values
  }

  @Test("the peak signal-to-noise ratio is scikit-image's", arguments: cases)
  func peakSignalToNoiseRatio(_ name: String) throws {
    let noisy = try image("\(name).noisy").values
    let found = ImageSimilarity.peakSignalToNoiseRatio(noisy, try clean(name), range: 2)
    #expect(isClose(found, try fixture.doubles("\(name).psnr")[0], relative: 1e-6))
  }

  @Test(
    "the structural similarity is scikit-image's",
    arguments: cases.filter { !$0.hasPrefix("small") })
  func structuralSimilarity(_ name: String) throws {
    let (noisy, shape) = try image("\(name).noisy")
    let found = ImageSimilarity.structuralSimilarity(
      noisy, try clean(name), shape: shape, range: 2)
    #expect(isClose(found, try fixture.doubles("\(name).ssim")[0], relative: 1e-6))
  }

  @Test("an image is like itself, whatever its sides")
  func itself() throws {
    for shape in [Shape(1, 1, 9, 1), Shape(1, 6, 9, 3), Shape(1, 14, 2, 1)] {
      let image = (0..<shape.sampleCount).map { Float(($0 * 7) % 5) / 5 }
      let found = ImageSimilarity.structuralSimilarity(image, image, shape: shape, range: 1)
      #expect(isClose(found, 1, relative: 1e-12))
      #expect(ImageSimilarity.peakSignalToNoiseRatio(image, image, range: 1) == .infinity)
    }
  }

  @Test("total variation is scikit-image's", arguments: cases)
  func totalVariation(_ name: String) throws {
    let (noisy, shape) = try image("\(name).noisy")
    let noise = try #require(Double(name.drop { $0 != "." }.dropFirst()))
    for factor in [0.3, 1.0] {
      let found = TotalVariation(weight: factor * noise).denoise(noisy, shape)
      let expected = try image("\(name).tv.\(factor)").values
      #expect(isClose(found, expected, relative: 1e-5, absolute: 1e-6))
    }
  }

  @Test("non-local means is scikit-image's formula", arguments: cases)
  func nonLocalMeans(_ name: String) throws {
    let (noisy, shape) = try image("\(name).noisy")
    let noise = try #require(Double(name.drop { $0 != "." }.dropFirst()))
    for (side, reach) in [(5, 6), (3, 4)] {
      for known in [0, noise] {
        let method = NonLocalMeans(h: 0.8 * noise, noise: known, patchSide: side, reach: reach)
        let expected = try image("\(name).nlm.\(side).\(reach).\(known)").values
        #expect(isClose(method.denoise(noisy, shape), expected, relative: 1e-5, absolute: 1e-6))
      }
    }
  }
}

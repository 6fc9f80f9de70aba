import Testing

@testable import Diffusion

@Suite("Dataset")
struct DatasetTests {
  static let set = Dataset(
    name: "four", shape: Shape(1, 1, 2, 1), bytes: [0, 255, 51, 102, 153, 204, 1, 254],
    labels: [0, 1, 0, 2], classNames: ["a", "b", "c"])

  @Test("the embedded clothing has 500 pieces of each of ten named classes")
  func fashion() throws {
    let data = BuiltInData.fashion14.make()
    #expect(data.shape == Shape(1, 14, 14, 1))
    #expect(data.count == 5000)
    #expect(data.classNames.count == 10)
    let labels = try #require(data.labels)
    for label in 0..<10 { #expect(labels.count { $0 == label } == 500) }
    // Trousers are narrow: bright in the middle, dark at the sides.
    let trousers = try data.select(className: "trouser")
    let means = (0..<14).map { column in
      (0..<trousers.count).reduce(0) { sum, index in sum + trousers[index][7 * 14 + column] }
    }
    #expect(means[5] > means[0])
    #expect(means[8] > means[13])
  }

  @Test("A batch is filled with the chosen samples in their order")
  func fill() {
    let batch = Tensor(Shape(3, 1, 2, 1))
    Self.set.fill(batch, indices: [3, 0, 3])
    #expect(batch.values == Self.set[3] + Self.set[0] + Self.set[3])
  }

  @Test("the standard deviation is that of all numbers, and an objective can take it over")
  func standardDeviation() {
    // (−1, 1, −0.6, −0.2, 0.2, 0.6, −253/255, 253/255): mean 0, squares 2 + 0.8 + 2·(253/255)²
    let expected = ((2.8 + 2 * (253.0 / 255) * (253.0 / 255)) / 8).squareRoot()
    #expect(abs(Self.set.standardDeviation - expected) < 1e-6)
    var objective = DenoisingObjective(predicting: .edm)
    objective.measure(Self.set)
    #expect(objective.parameterization.sigmaData == 0.5)
    objective.measuresSigmaData = true
    objective.measure(Self.set)
    #expect(objective.parameterization.sigmaData == Self.set.standardDeviation)
    #expect(objective.weighting.sigmaData == Self.set.standardDeviation)
    // Measured once: now it is given.
    #expect(objective.value(of: "measure_sigma_data") == .flag(false))
    #expect(objective.value(of: "sigma_data") == .real(Self.set.standardDeviation))
  }

  @Test("Bytes 0 and 255 become the ends of the declared range exactly")
  func range() {
    #expect(Self.set[0] == [-1, 1])
    #expect(Self.set[1] == [Float(51) / 255 * 2 - 1, Float(102) / 255 * 2 - 1])
  }

  @Test("Choosing classes keeps their samples, numbers and names")
  func classes() throws {
    let chosen = try Self.set.select(classes: [0, 2])
    #expect(chosen.labels == [0, 0, 2])
    #expect(chosen.classNames == ["a", "b", "c"])
    #expect(chosen[1] == Self.set[2])
  }

  @Test("Classes that do not exist are refused with a sentence")
  func wrongClasses() {
    #expect(
      fileError { try Self.set.select(classes: [3]) }?.description
        == "four: has no class 3; its classes are 0…2")
    let bare = Dataset(name: "bare", shape: Shape(1, 1, 1, 1), bytes: [0])
    #expect(fileError { try bare.select(classes: [0]) }?.problem.contains("no labels") == true)
  }

  @Test("The embedded digits are 500 of each class, in both sizes", arguments: [14, 28])
  func digits(side: Int) throws {
    let set = EmbeddedImages.digits(side: side)
    #expect(set.count == 5000)
    #expect(set.shape == Shape(1, side, side, 1))
    let labels = try #require(set.labels)
    for digit in 0..<10 { #expect(labels.count { $0 == digit } == 500) }
    let pixels = (0..<100).flatMap { set[$0] }
    #expect(pixels.allSatisfy(set.range.contains))
    #expect(pixels.contains { $0 > 0.5 } && pixels.contains(-1))
  }

  @Test("The embedded emoji are in colour, in eight groups that all have some")
  func emoji() throws {
    let set = EmbeddedImages.emoji()
    #expect(set.count == 1372)
    #expect(set.shape == Shape(1, 16, 16, 3))
    #expect(set.classNames.count == 8)
    let labels = try #require(set.labels)
    for label in 0..<8 { #expect(labels.count { $0 == label } >= 85) }
    #expect(set.classNames[labels[0]] == "Travel & Places")  // U+26F5, a sailing boat
    // The middles of U+1F534, U+1F7E2 and U+1F535: a red, a green and a blue circle.
    for (index, channel) in [(1166, 0), (557, 1), (1084, 2)] {
      let middle = Array(set[index][(8 * 16 + 8) * 3..<(8 * 16 + 9) * 3])
      #expect(middle.firstIndex(of: middle.max() ?? 0) == channel, "\(middle)")
    }
  }

  @Test("The small digits are the large ones averaged over 2×2")
  func averaged() throws {
    let small = EmbeddedImages.digits(side: 14)[7]
    let large = EmbeddedImages.digits(side: 28)[7]
    for y in 0..<14 {
      for x in 0..<14 {
        let corner = 56 * y + 2 * x
        let mean = (large[corner] + large[corner + 1] + large[corner + 28] + large[corner + 29]) / 4
        #expect(abs(small[14 * y + x] - mean) < 0.01)
      }
    }
  }
}

internal import CKernels
internal import Platform

/// A small classifier of images, and of sounds by their spectrograms, whose last hidden layer gives features.
///
/// It is trained on a third of a data set, the same way every time: numbers from it can be compared with
/// others from it, and with nothing else.
///
/// Convolutions with group norm and SiLU that halve the sides until they are at most 4, then the mean over
/// positions: 64 features, few enough that the covariance of a few hundred samples has full rank.
public struct FeatureClassifier: Sendable {
  /// The number of features per sample.
  public static let dimensions = 64

  /// The name of the data set.
  public let dataName: String
  /// The ``Dataset/fingerprint`` of the data it was trained on.
  public let fingerprint: UInt64
  /// The shape of one sample, batch 1.
  public let sampleShape: Shape
  /// The names of the classes.
  public let classNames: [String]
  /// Its accuracy on the samples it was not trained on.
  public let heldOutAccuracy: Double
  /// The number of those samples.
  public let heldOutCount: Int
  let network: FeatureNetwork
  let weights: Weights

  /// The label of all metrics computed from its features.
  public var label: String { "features of a \(dataName) classifier" }

  /// The number of parameters.
  public var parameterCount: Int { network.table.trainableCount }

  init(
    dataName: String, fingerprint: UInt64, sampleShape: Shape, classNames: [String],
    heldOutAccuracy: Double, heldOutCount: Int, network: FeatureNetwork, weights: Weights
  ) {
    self.dataName = dataName
    self.fingerprint = fingerprint
    self.sampleShape = sampleShape
    self.classNames = classNames
    self.heldOutAccuracy = heldOutAccuracy
    self.heldOutCount = heldOutCount
    self.network = network
    self.weights = weights
  }

  /// The features and class probabilities of all samples of a set.
  ///
  /// - Precondition: the samples have the shape ``sampleShape``, or are sounds of the same length.
  public func features(of samples: Dataset) -> Features {
    network.features(of: samples.seen, weights: weights, label: label)
  }
}

extension Dataset {
  /// The samples as a classifier sees them: waveforms as log-mel spectrograms, all others as they are.
  var seen: Dataset {
    guard kind == .signal, let sound else { return self }
    return spectrograms(.shown(sound))
  }

  /// The shape of those.
  var seenShape: Shape {
    guard kind == .signal, let sound else { return shape }
    return MelSpectrogram.shown(sound).shape(shape.width)
  }
}

/// The layers of a ``FeatureClassifier``, without numbers.
struct FeatureNetwork: Sendable {
  let sampleShape: Shape
  let classes: Int
  let table: ParameterTable
  /// From samples to (B, 1, 1, ``FeatureClassifier/dimensions``).
  let body: Sequential
  /// From features to a number for each class.
  let head: Linear

  /// What is said of images that are too small to be halved; nil for others.
  static func expectation(unmetBy shape: Shape) -> String? {
    shape.height >= 4 && shape.width >= 4 ? nil : "images of at least 4×4"
  }

  init(_ sampleShape: Shape, classes: Int) {
    self.sampleShape = sampleShape
    self.classes = classes
    var table = ParameterTable()
    var layers: [any Layer] = []
    var shape = sampleShape
    var number = 0
    func add(_ channels: Int, stride: Int) {
      let geometry = KernelGeometry(3, stride: stride)
      layers += [
        Conv2d(shape.channels, channels, geometry, "conv\(number)", &table),
        GroupNorm(8, channels, "norm\(number)", &table), SiLU(),
      ]
      shape = geometry.output(of: shape, channels: channels)
      number += 1
    }
    add(32, stride: 1)
    while max(shape.height, shape.width) > 4 {
      add(FeatureClassifier.dimensions, stride: 2)
      if max(shape.height, shape.width) > 4 { add(FeatureClassifier.dimensions, stride: 1) }
    }
    add(FeatureClassifier.dimensions, stride: 1)
    layers.append(AveragePool2d(over: shape.height, shape.width))
    body = Sequential(layers)
    head = Linear(FeatureClassifier.dimensions, classes, "head", &table)
    self.table = table
  }

  /// Samples a pass, so that little memory is needed at a time.
  private static let batch = 128

  /// The features and probabilities of all samples; images are taken with black at −1 and white at 1.
  func features(of samples: Dataset, weights: Weights, label: String) -> Features {
    precondition(
      samples.shape == sampleShape, "the classifier takes \(sampleShape), got \(samples.shape)")
    let pass = Pass(.evaluate, fixed: weights, table)
    var values: [Double] = []
    var probabilities: [Double] = []
    values.reserveCapacity(samples.count * FeatureClassifier.dimensions)
    probabilities.reserveCapacity(samples.count * classes)
    for start in stride(from: 0, to: samples.count, by: Self.batch) {
      let indices = Array(start..<min(start + Self.batch, samples.count))
      let x = pass.make(samples.shape.with(batch: indices.count))
      samples.fillCentered(x, indices: indices)
      let features = body.forward(x, pass)
      let logits = head.forward(features, pass)
      values += features.values.map { Double($0) }
      for row in logits.values.chunked(by: classes) {
        probabilities += softmax(row.map { Double($0) })
      }
    }
    return Features(
      values, dimensions: FeatureClassifier.dimensions, probabilities: probabilities,
      classes: classes, label: label)
  }
}

/// The softmax of some numbers.
func softmax(_ logits: [Double]) -> [Double] {
  let top = logits.max() ?? 0
  let powers = logits.map { exp($0 - top) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

extension Array {
  /// Its elements, `size` at a time.
  func chunked(by size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}

extension Dataset {
  /// Writes the samples at `indices` with the ends of the range at −1 and 1, so that it does not matter in which
  /// one images are declared.
  func fillCentered(_ tensor: Tensor, indices: [Int]) {
    fill(tensor, indices: indices)
    let scale = 2 / max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    let shift = -1 - range.lowerBound * scale
    guard scale != 1 || shift != 0 else { return }
    tensor.withMutableValues { values in
      for i in 0..<values.count { values[i] = values[i] * scale + shift }
    }
  }
}

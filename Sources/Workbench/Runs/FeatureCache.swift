import Diffusion
import Platform

/// Classifiers that were trained before, by the data they were trained on: one file each.
struct FeatureCache {
  /// The folder of the files.
  let folder: String

  /// The user's: `$XDG_CACHE_HOME/diffusion-workbench/features`, by default in `~/.cache`; nil where neither
  /// is known.
  static var standard: FeatureCache? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let root = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
    return root.map { FeatureCache(folder: $0 + "/diffusion-workbench/features") }
  }

  /// Where the classifier of a data set is.
  func path(for dataset: Dataset) -> String {
    "\(folder)/\(FeatureClassifier.fileName(for: dataset))"
  }

  /// The classifier of a data set if it was kept; a damaged file counts as none.
  func kept(for dataset: Dataset) -> FeatureClassifier? {
    try? FeatureClassifier(contentsOf: path(for: dataset), for: dataset)
  }

  /// Keeps a classifier; where that cannot be, the sentence why.
  func keep(_ classifier: FeatureClassifier, for dataset: Dataset) -> String? {
    do {
      _ = try RunFolder.create(at: folder)
      try classifier.write(to: path(for: dataset))
      return nil
    } catch {
      return "\(error)"
    }
  }
}

/// How features are chosen.
enum FeatureChoice: String, CaseIterable {
  /// Those of the kind of data: of a classifier for images, of points themselves, of a signal's spectrum.
  case own
  /// The pixels themselves.
  case pixels
}

/// A classifier as it was got.
struct FeatureSource {
  let extractor: FeatureExtractor
  /// The seconds that training it took; nil where it was kept or there is none.
  var trainingSeconds: Double?
  /// Why it could not be kept, as a sentence.
  var problem: String?

  /// The most pixels that are features by themselves: their covariance takes the square of that.
  private static let mostPixels = 1024

  /// The features of a data set with all its classes, kept from before, unless it is to be trained `anew`,
  /// or trained now; `progress` is called after each step, and an error ends it.
  init(
    of dataset: Dataset, by choice: FeatureChoice, cache: FeatureCache? = .standard,
    anew isAnew: Bool = false,
    progress: (FeatureClassifier.Training.Progress, _ total: Int) throws -> Void
  ) throws {
    guard dataset.kind != .text else {
      throw FileError(
        dataset.name, .unsupported,
        "is text, which has no features to evaluate"
          + (dataset.maskedText == nil ? "" : "; its bits per character are measured in training")
      )
    }
    if choice == .pixels {
      guard dataset.kind == .image, dataset.shape.sampleCount <= Self.mostPixels else {
        throw FileError(
          dataset.name, .unsupported,
          "cannot be evaluated by its pixels; expected images of at most \(Self.mostPixels) values")
      }
      extractor = .plain(label: "pixels")
      return
    }
    if let extractor = FeatureExtractor.untrained(for: dataset.format) {
      self.extractor = extractor
      return
    }
    if !isAnew, let kept = cache?.kept(for: dataset) {
      extractor = .classifier(kept)
      return
    }
    let clock = ContinuousClock()
    let start = clock.now
    let training = try FeatureClassifier.Training(on: dataset)
    for step in training { try progress(step, training.totalSteps) }
    let classifier = training.classifier()
    trainingSeconds = (clock.now - start) / .seconds(1)
    extractor = .classifier(classifier)
    problem = cache?.keep(classifier, for: dataset)
  }
}

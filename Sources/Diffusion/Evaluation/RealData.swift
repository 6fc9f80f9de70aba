/// The real samples that metrics need: the reference, the yardstick samples, and the training set.
public struct RealData: Sendable {
  /// The fewest samples of each part.
  static let fewest = 12

  /// The whole set that a classifier is trained on, with all its classes.
  public let source: Dataset
  /// The samples that others are compared with; none that a classifier was trained on.
  public let reference: Dataset
  /// Real samples that are evaluated like generated ones; none that a classifier was trained on.
  public let yardstick: Dataset
  /// The training set of the networks, of which samples may be copies.
  public let training: Dataset
  /// The samples held out from those networks; nil where there are none.
  public let heldOut: Dataset?

  /// Splits a data set, leaving a third of it for a classifier if there is one.
  ///
  /// - Parameters:
  ///   - source: the whole set, with all its classes.
  ///   - withClassifier: whether a classifier is trained on a third of it.
  ///   - classes: the classes to compare with; nil for all.
  ///   - training: the training set of the networks; nil for all of `source`.
  ///   - heldOut: the samples held out from them.
  /// - Throws: a ``FileError`` where a part has too few samples.
  public init(
    _ source: Dataset, withClassifier: Bool, classes: [Int]? = nil, training: Dataset? = nil,
    heldOut: Dataset? = nil
  ) throws(FileError) {
    let parts = DataParts(count: source.count, withClassifier: withClassifier)
    func part(_ indices: [Int]) -> [Int] {
      guard let classes, let labels = source.labels else { return indices }
      let wanted = Set(classes)
      return indices.filter { wanted.contains(labels[$0]) }
    }
    let (first, second) = (part(parts.reference), part(parts.yardstick))
    let training = training ?? source
    guard min(first.count, second.count) >= Self.fewest, training.count > 1 else {
      let all = withClassifier ? "a third" : "half"
      throw FileError(
        source.name, .mismatch,
        "has \(min(first.count, second.count)) samples in \(all) of it; expected at least \(Self.fewest) to "
          + "compare samples with")
    }
    self.source = source
    self.training = training
    self.heldOut = heldOut
    reference = source.select(first)
    yardstick = source.select(second)
  }

  /// The data that a recipe names: of its classes, and with what it keeps for validation held out.
  package init(
    _ configuration: DataConfiguration, withClassifier: Bool
  ) throws(FileError) {
    let source = try configuration.wholeSet()
    let (training, heldOut) = try configuration.split()
    var classes: [Int]?
    if let names = configuration.classes {
      classes = []
      for name in names { classes?.append(try source.number(ofClass: name)) }
    }
    try self.init(
      source, withClassifier: withClassifier, classes: classes, training: training,
      heldOut: heldOut)
  }
}

extension DataConfiguration {
  /// The set with all its classes, which features are of.
  package func wholeSet() throws(FileError) -> Dataset {
    var whole = self
    whole.classes = nil
    return try whole.load()
  }
}

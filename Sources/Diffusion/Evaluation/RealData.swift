/// The real samples that figures need: what samples are compared with, what is judged beside them, and
/// what was trained on.
public struct RealData: Sendable {
  /// The fewest samples of each part.
  static let fewest = 12

  /// The whole set that a classifier is trained on, with all its classes.
  public let source: Dataset
  /// What samples are compared with; nothing that a classifier was trained on.
  public let reference: Dataset
  /// Real samples that are judged as the samples are; nothing that a classifier was trained on.
  public let heldOut: Dataset
  /// What networks of the recipe are trained on: what samples may be copies of.
  public let training: Dataset
  /// What is kept from those networks; nil where nothing is.
  public let unseen: Dataset?

  /// The parts of a data set, a third of it left to a classifier or nothing.
  ///
  /// - Parameters:
  ///   - source: the whole set, with all its classes.
  ///   - withClassifier: whether a classifier is trained on a third of it.
  ///   - classes: the classes that are compared with; nil for all.
  ///   - training: what networks are trained on; nil for all of `source`.
  ///   - unseen: what is kept from them.
  /// - Throws: a ``FileError`` where a part has too few samples.
  public init(
    _ source: Dataset, withClassifier: Bool, classes: [Int]? = nil, training: Dataset? = nil,
    unseen: Dataset? = nil
  ) throws(FileError) {
    let parts = DataParts(count: source.count, withClassifier: withClassifier)
    func part(_ indices: [Int]) -> [Int] {
      guard let classes, let labels = source.labels else { return indices }
      let wanted = Set(classes)
      return indices.filter { wanted.contains(labels[$0]) }
    }
    let (first, second) = (part(parts.reference), part(parts.heldOut))
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
    self.unseen = unseen
    reference = source.select(first)
    heldOut = source.select(second)
  }

  /// The data that a recipe names: of its classes, and with what it keeps for validation unseen.
  package init(
    _ configuration: DataConfiguration, withClassifier: Bool
  ) throws(FileError) {
    let source = try configuration.wholeSet()
    let (training, unseen) = try configuration.split()
    var classes: [Int]?
    if let names = configuration.classes {
      classes = []
      for name in names { classes?.append(try source.number(ofClass: name)) }
    }
    try self.init(
      source, withClassifier: withClassifier, classes: classes, training: training,
      unseen: unseen)
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

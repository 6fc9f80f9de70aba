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

  /// The data that a recipe names, in parts, a third of it left to a classifier or nothing.
  ///
  /// Where it has `classes`, only those are compared with; where it has `validation`, that part of the
  /// data counts as unseen.
  public init(_ configuration: DataConfiguration, withClassifier: Bool) throws(FileError) {
    var whole = configuration
    whole.classes = nil
    source = try whole.load()
    (training, unseen) = try configuration.split()
    let parts = DataParts(count: source.count, withClassifier: withClassifier)
    var wanted: Set<Int>?
    if let names = configuration.classes {
      wanted = []
      for name in names { wanted?.insert(try source.number(ofClass: name)) }
    }
    let labels = source.labels
    func part(_ indices: [Int]) -> [Int] {
      guard let wanted, let labels else { return indices }
      return indices.filter { wanted.contains(labels[$0]) }
    }
    let (first, second) = (part(parts.reference), part(parts.heldOut))
    guard min(first.count, second.count) >= Self.fewest, training.count > 1 else {
      let all = withClassifier ? "a third" : "half"
      throw FileError(
        source.name, .mismatch,
        "has \(min(first.count, second.count)) samples in \(all) of it; expected at least \(Self.fewest) to "
          + "compare samples with")
    }
    reference = source.select(first)
    heldOut = source.select(second)
  }
}

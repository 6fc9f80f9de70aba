import ArgumentParser
import Diffusion
import TUI

/// Trains the classifier whose features samples of a data set are judged by.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Train the classifier whose features samples are evaluated by.",
    discussion: """
      A small classifier is trained on a third of the data set, the same way every time, and cached in \
      ~/.cache/diffusion-workbench; evaluate and compare train it when it is missing. Points and signals \
      need none: their features are the points themselves, and the log spectrum.
      """,
    version: WorkbenchMain.title)

  @Argument(help: "A built-in set or a file; see workbench list data.")
  var source: String

  @Flag(help: "Train again, even if a trained classifier is cached.")
  var anew = false

  @OptionGroup var threads: ThreadOption

  @Option(help: "How the result is printed.")
  var format: ReportFormat = .text

  func run() throws {
    threads.apply()
    try BLAS.load()
    let dataset = try DataCatalog.open(source)
    let found = try FeatureSource.ready(of: dataset, by: .own, anew: anew, quiet: format == .json)
    switch format {
    case .text: try Console.write(Self.text(found, dataset))
    case .json: try Console.json(JSONLines.line(FeaturesReport(found, dataset)))
    }
  }

  private static func text(_ found: FeatureSource, _ dataset: Dataset) -> String {
    let name = Wording.escaped(dataset.name)
    guard case .classifier(let classifier) = found.extractor else {
      let kind = dataset.kind == .points ? "points" : "signals"
      return "\(name): \(kind) need no training; their features are the "
        + "\(dataset.kind == .points ? "points themselves" : "log spectrum")\n"
    }
    let origin =
      found.trainingSeconds.map { "trained in \(Numbers.fixed($0, 1)) s" }
      ?? FeatureCache.standard.map { "cached in \(Wording.escaped($0.folder))" } ?? "cached"
    let accuracy = Numbers.fixed(100 * classifier.heldOutAccuracy, 1)
    var rows = [
      ["features", Wording.escaped(classifier.label)],
      [
        "classifier",
        "\(Numbers.grouped(classifier.parameterCount)) parameters, "
          + "\(FeatureClassifier.dimensions) features, \(classifier.classNames.count) classes; \(origin)",
      ],
      [
        "accuracy",
        "\(accuracy) % of \(Numbers.grouped(classifier.heldOutCount)) samples that it was not trained on",
      ],
    ]
    if let problem = found.problem {
      rows.append(["note", "not cached: \(Wording.escaped(problem))"])
    }
    return TextTable.text(rows)
  }
}

/// What `features` reports, for other programs.
private struct FeaturesReport: Encodable {
  let data: String
  let features: String
  let dimensions: Int?
  let parameters: Int?
  let classes: Int?
  let heldOutAccuracy: Double?
  let heldOutCount: Int?
  let trainingSeconds: Double?

  init(_ found: FeatureSource, _ dataset: Dataset) {
    let classifier: FeatureClassifier? =
      if case .classifier(let classifier) = found.extractor { classifier } else { nil }
    data = dataset.name
    features = found.extractor.label
    dimensions = classifier.map { _ in FeatureClassifier.dimensions }
    parameters = classifier?.parameterCount
    classes = classifier?.classNames.count
    heldOutAccuracy = classifier?.heldOutAccuracy
    heldOutCount = classifier?.heldOutCount
    trainingSeconds = found.trainingSeconds
  }
}

/// How a command's result is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
  case text
  case json
}

extension FeatureChoice: ExpressibleByArgument {}

extension FeatureSource {
  /// The features of a data set, with a line of progress where a classifier has to be trained first.
  static func ready(
    of dataset: Dataset, by choice: FeatureChoice, anew: Bool = false, quiet: Bool
  ) throws -> FeatureSource {
    var progress: ProgressLine?
    return try FeatureSource(of: dataset, by: choice, anew: anew) { step, total in
      guard !quiet else { return }
      if progress == nil { progress = ProgressLine(total: total, unit: "classifier step") }
      try progress?.show(
        step.step, "cross entropy \(Numbers.fixed(step.loss, 3))", isLast: step.step == total)
    }
  }
}

/// Which samples to learn.
package struct DataConfiguration: Configurable, RecipePart {
  /// What black and white of images become.
  package enum PixelRange: String, RecipeWord {
    /// Black is −1, white 1.
    case symmetric = "-1..1"
    /// Black is 0, white 1.
    case unit = "0..1"

    /// The numbers that black and white become.
    package var values: ClosedRange<Float> {
      switch self {
      case .symmetric: -1...1
      case .unit: 0...1
      }
    }

    package var meaning: String {
      switch self {
      case .symmetric: "what most networks expect"
      case .unit: "as in the dataflowr DDPM course, and for `ncsn`"
      }
    }
  }

  /// A built-in set's name, or a path that ``DataCatalog/open(_:)`` takes; empty where there is
  /// nothing to learn from.
  package var source: String
  /// The names of the classes to keep, or nil for all.
  package var classes: [String]?
  /// The range that bytes of images become; points and signals keep theirs.
  package var range = PixelRange.symmetric
  /// How text in a file becomes samples.
  package var text = TextOptions()
  /// The part of the samples that is kept from training, to measure the loss on; 0 for none.
  package var validation = 0.0
  /// Training steps between two losses on those.
  package var validationInterval = 100
  /// Where the choice of those starts; it has nothing to do with the seed of training.
  package var validationSeed: UInt64 = 0

  package init() { self.init(source: "") }

  /// The data set or file `source`, whole or only some of its classes.
  package init(source: String, classes: [String]? = nil, range: PixelRange = .symmetric) {
    self.source = source
    self.classes = classes
    self.range = range
  }

  package static let table: [Setting<Self>] = [
    Setting(
      \.source, "source",
      .text("a file or one of \(DataCatalog.all.map(\.name).joined(separator: ", "))"),
      """
      a built-in set (`workbench list data`) or a file: idx, or CIFAR-10 records of 32×32 or 16×16, \
      plain or gzip, or a table of points, or text; a folder of unpacked idx files or records; `FILE:FILE` for \
      several files of records; `FILE#NAME` takes one class
      """, write: { .text($0) }, read: { if case .text(let source) = $0 { source } else { nil } }
    ).required,
    Setting(
      \.classes, "classes", .texts("a list of class names, such as [\"3\", \"8\"]"), absent: "all",
      "the classes to keep, by name or number, such as `[\"ship\"]` or `[3, 8]`; they keep their "
        + "numbers", write: { .list($0.map { .text($0) }) },
      read: {
        $0.list(of: 1...Int.max) { value in
          switch value {
          case .text(let text): text
          case .integer(let number): String(number)
          default: nil
          }
        }
      }),
    .word(\.range, "range", "the range pixel values are scaled to"),
    .word(\.text.unit, "tokens", "what the tokens of a text file are"),
    .integer(
      \.text.window, "window", 2...4096, step: 8,
      "characters or bytes of a sample, of a text file; longer lines are cut into parts"),
    .flag(
      \.text.isLines, "lines",
      "each line of a text file is a sample, filled up with line ends; otherwise any part of the text is"
    ),
    .real(
      \.validation, "validation", Interval(0...0.5),
      "fraction of the samples held out for validation; their loss is drawn beside the training "
        + "loss; 0 for none"),
    .integer(
      \.validationInterval, "validation_interval", 1...1_000_000, step: 10,
      "training steps between validation losses"
    ).label("every"),
    .seed(
      \.validationSeed, key: "validation_seed",
      "random seed for choosing the validation samples, independent of `training.seed`"),
  ]
}

extension DataConfiguration {
  /// The samples of the chosen classes, in the chosen range.
  package func load() throws(FileError) -> Dataset {
    let dataset = try DataCatalog.open(source, text: text).declared(in: range.values)
    guard let classes else { return dataset }
    var numbers: [Int] = []
    for name in classes { numbers.append(try dataset.number(ofClass: name)) }
    return try dataset.select(classes: numbers)
  }

  /// The same in two: what is trained on, and what is kept for validation, nil where that is nothing.
  ///
  /// Both keep the order of the file, and at least one sample is trained on.
  package func split() throws(FileError) -> (training: Dataset, validation: Dataset?) {
    let dataset = try load()
    let kept = min(Int((validation * Double(dataset.count)).rounded()), dataset.count - 1)
    guard kept > 0 else { return (dataset, nil) }
    if let text = dataset.text, !text.isLines {
      // Parts overlap: those that are kept come after all others.
      return dataset.splitRunningText(keeping: kept)
    }
    var random = Random(seed: validationSeed)
    let order = random.permutation(dataset.count)
    return (
      dataset.select(order[kept...].sorted()), dataset.select(order[..<kept].sorted())
    )
  }
}

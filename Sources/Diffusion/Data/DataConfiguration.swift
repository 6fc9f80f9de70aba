/// Which samples to learn.
package struct DataConfiguration: RecipePart, Hashable {
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
  package var source: String {
    didSet {
      if source != oldValue { look() }
    }
  }
  /// The names of the classes to keep, or nil for all.
  package var classes: [String]?
  /// The range that bytes of images become; points and signals keep theirs.
  package var range = PixelRange.symmetric
  /// The part of the samples that is kept from training, to measure the loss on; 0 for none.
  package var validation = 0.0
  /// Training steps between two losses on those.
  package var validationInterval = 100
  /// Where the choice of those starts; it has nothing to do with the seed of training.
  package var validationSeed: UInt64 = 0
  /// The numbers of a position of text.
  package var encoding = TextFormat.Encoding.tokens
  private var content = DataCatalog.Content.unknown
  /// How text in a file becomes samples; nil for other data.
  package private(set) var text: TextOptions?
  /// How samples are made of sound; nil for other data.
  package private(set) var sound: SoundConfiguration?

  package init() { self.init(source: "") }

  /// The data set or file `source`, whole or only some of its classes.
  package init(source: String, classes: [String]? = nil, range: PixelRange = .symmetric) {
    self.source = source
    self.classes = classes
    self.range = range
    look()
  }

  /// Takes note of what the source has, which decides which settings there are.
  private mutating func look() {
    content = DataCatalog.content(of: source)
    sound = content == .sound ? sound ?? SoundConfiguration() : nil
    text =
      content == .text(isInFile: true) || content == .unknown ? text ?? TextOptions() : nil
  }

  /// Whether the source is text; nil where only reading it would tell.
  package var isText: Bool? {
    switch content {
    case .text: true
    case .sound, .numbers: false
    case .unknown: text?.unit == .bytes ? true : nil
    }
  }

  /// The settings of all data.
  private static let table: [Setting<Self>] = [
    Setting(
      \.source, "source",
      .text("a file or one of \(DataCatalog.all.map(\.name).joined(separator: ", "))"),
      """
      a built-in set (`workbench list data`) or a file: idx, or CIFAR-10 records of 32×32 or 16×16, \
      plain or gzip, or a table of points, or text; a folder of unpacked idx files or records; sound: a file, a \
      folder or a `.tar.gz`; `FILE:FILE` for \
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
      }
    ).forText(false),
    .word(\.range, "range", "the range pixel values are scaled to").forText(false),
    .word(\.encoding, "encoding", "the form in which networks learn text").forText(true),
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

// MARK: - Settings

extension DataConfiguration {
  private static let described = table.described(with: Self())

  package var settings: [SettingInfo] {
    Self.described + (text?.settings ?? []) + (sound?.settings ?? [])
  }
  package var conflict: SettingConflict? { sound?.conflict }

  private static func setting(_ key: String) -> Setting<Self>? {
    table.first { $0.info.key == key }
  }

  package func value(of key: String) -> SettingValue? {
    Self.setting(key).map { $0.get(self) } ?? text?.value(of: key) ?? sound?.value(of: key)
  }

  package mutating func set(_ key: String, to value: SettingValue) throws(SettingError) {
    if let setting = Self.setting(key) {
      try setting.set(&self, value)
    } else if var changed = text, changed.setting(key) != nil {
      try changed.set(key, to: value)
      text = changed
    } else if var changed = sound {
      try changed.set(key, to: value)
      sound = changed
    } else {
      preconditionFailure("[data] has no setting \(key)")
    }
  }

  package static var groups: [SettingGroup] {
    [SettingGroup(kind: nil, settings: described + TextOptions().settings)]
      + SoundConfiguration.groups
  }
  package static var sharedKeys: Set<String> { SoundConfiguration.sharedKeys }

  package static var decider: String? { "source" }

  /// What recordings that have moved are cut to stays in the recipe of their run, which is opened all the
  /// same.
  package var toleratesOtherKinds: Bool { !DataCatalog.exists(source) }
}

extension DataConfiguration {
  /// The samples of the chosen classes, in the chosen range.
  package func load() throws(FileError) -> Dataset {
    let dataset = try open().declared(in: range.values)
    guard let classes else { return dataset }
    var numbers: [Int] = []
    for name in classes { numbers.append(try dataset.number(ofClass: name)) }
    return try dataset.select(classes: numbers)
  }

  /// All samples of the source, with all classes.
  package func open() throws(FileError) -> Dataset {
    try DataCatalog.open(source, text: text ?? TextOptions(), sound: sound ?? SoundConfiguration())
      .encoded(as: encoding)
  }

  /// The same in two: what is trained on, and what is kept for validation, nil where that is nothing.
  ///
  /// Both keep the order of the file, and at least one sample is trained on.
  package func split() throws(FileError) -> (training: Dataset, validation: Dataset?) {
    let dataset = try load()
    let kept = min(Int((validation * Double(dataset.count)).rounded()), dataset.count - 1)
    guard kept > 0 else { return (dataset, nil) }
    if let text = dataset.text, !text.isLines {
      // Parts overlap: those that are kept come after all others, and share nothing with them.
      let length = dataset.shape.width
      guard dataset.count - kept >= length else {
        throw FileError(
          source, .unsupported,
          "has \(dataset.count + length - 1) \(text.unit.rawValue), of which data.validation = "
            + "\(Wording.short(validation)) leaves too few to train on; expected at least data.window = "
            + "\(length) of them; reduce one of the two")
      }
      return dataset.splitRunningText(keeping: kept)
    }
    var random = Random(seed: validationSeed)
    let order = random.permutation(dataset.count)
    return (
      dataset.select(order[kept...].sorted()), dataset.select(order[..<kept].sorted())
    )
  }
}

import ArgumentParser
import Diffusion
import TUI

/// Looks at data sets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Inspect data sets.", version: WorkbenchMain.title,
    subcommands: [DataShowCommand.self])
}

/// How text and sound in files become samples.
struct DataOptions: ParsableArguments {
  @Option(setting: .data, "tokens") var tokens: RecipeOverride?
  @Option(setting: .data, "window") var window: RecipeOverride?
  @Option(setting: .data, "lines") var lines: RecipeOverride?
  @Option(setting: .data, "sound") var sound: RecipeOverride?
  @Option(setting: .data, "rate") var rate: RecipeOverride?
  @Option(setting: .data, "length") var length: RecipeOverride?
  @Option(setting: .data, "longer") var longer: RecipeOverride?
  @Option(setting: .data, "label") var label: RecipeOverride?
  @Option(setting: .data, "normalize") var normalize: RecipeOverride?
  @Option(setting: .data, "bands") var bands: RecipeOverride?
  @Option(setting: .data, "fft") var fft: RecipeOverride?
  @Option(setting: .data, "hop") var hop: RecipeOverride?

  /// The data of a source, made as the options say; those that do not apply to it are refused.
  func configuration(_ source: String) throws -> DataConfiguration {
    var recipe = Recipe(name: "", data: DataConfiguration(source: source))
    let overrides = [
      tokens, window, lines, sound, rate, length, longer, label, normalize, bands, fft, hop,
    ]
    try recipe.apply(overrides.compactMap(\.self))
    return recipe.data
  }
}

/// Describes a data set and shows some of it.
struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Describe a data set and show its first samples.",
    version: WorkbenchMain.title)

  @Argument(help: "A built-in set or a file; see workbench list data.")
  var source: String

  @OptionGroup var making: DataOptions

  @Option(help: "The number of samples to show.")
  var count: Int?

  @Option(
    help: ArgumentHelp(
      "Write the samples to an image file instead, or sounds to a .wav file.", valueName: "file.png"
    ))
  var out: String?

  func validate() throws {
    try check("--count", count, in: 1...4096)
  }

  func run() throws {
    let dataset = try making.configuration(source).open()
    if let out, out.hasSuffix(".wav") {
      guard let track = Soundtrack(samples(dataset, 64), dataset.format) else {
        throw ValidationError(
          "--out \(Wording.escaped(out)): \(dataset.name) is not sound; expected .png")
      }
      try track.write(to: out)
      return try Console.line(
        "\(out): \(Numbers.fixed(Double(track.values.count) / Double(track.rate), 1)) s")
    }
    try Console.write(Self.description(of: dataset))
    if dataset.kind == .text {
      guard out == nil else {
        throw CommandError("--out: text cannot be written as an image; leave it out")
      }
      return try showTexts(dataset)
    }
    if let out {
      try write(dataset, to: out)
    } else {
      try Console.draw("\n" + preview(dataset))
    }
  }

  private func samples(_ dataset: Dataset, _ standard: Int) -> [[Float]] {
    (0..<min(count ?? standard, dataset.count)).map { dataset[$0] }
  }

  private func write(_ dataset: Dataset, to path: String) throws {
    var renderer = SampleRenderer(dataset.format)
    renderer.enlargement = max(1, 64 / max(dataset.shape.height, dataset.shape.width))
    if dataset.kind == .signal { renderer.plotSide = 240 }
    let samples = samples(dataset, dataset.kind == .points ? dataset.count : 64)
    let image = renderer.render(samples)
    try PNG.write(image, to: path)
    try Console.line("\(path): \(samples.count) samples, \(image.width)×\(image.height)")
  }

  /// Some of the texts, from all over the data.
  private func showTexts(_ dataset: Dataset) throws {
    guard let text = dataset.text else { return }
    let count = min(count ?? 10, dataset.count)
    for place in 0..<count {
      try Console.line("  " + Wording.escaped(text.text(dataset[place * dataset.count / count])))
    }
  }

  /// As many samples as two rows of the terminal take.
  private func preview(_ dataset: Dataset) -> String {
    var renderer = SampleRenderer(dataset.format)
    (renderer.gap, renderer.background) = (1, 0)
    let width = Console.size.columns - 2
    let standard: Int
    switch dataset.kind {
    case .image, .text:
      let columns = max(1, width / (dataset.shape.width + 1))
      renderer.columns = columns
      standard = columns * 2
    case .points:
      renderer.plotSide = min(width, 64)
      standard = dataset.count
    case .signal:
      renderer.plotSide = min(width, 76)
      renderer.columns = 1
      standard = 1
    }
    return ImageText.text(renderer.render(samples(dataset, standard)))
  }
}

extension DataShowCommand {
  /// Size, range and labels, as lines of text.
  static func description(of dataset: Dataset) -> String {
    let shape = dataset.shape
    let form =
      switch dataset.kind {
      case .points: "points of the plane"
      case _ where dataset.sound != nil: Self.form(ofSound: dataset)
      case .signal: "signals of \(shape.width) values"
      case .text: "texts of \(shape.width) \(dataset.text?.unit.rawValue ?? "")"
      case .image:
        "images of \(shape.height)×\(shape.width), \(shape.channels == 1 ? "grey" : "RGB")"
      }
    if let text = dataset.text { return description(of: dataset, text, form) }
    var (low, high) = (Float.infinity, -Float.infinity)
    for index in 0..<dataset.count {
      for value in dataset[index] { (low, high) = (min(low, value), max(high, value)) }
    }
    func range(_ low: Float, _ high: Float) -> String {
      "\(Numbers.short(Double(low))) to \(Numbers.short(Double(high)))"
    }
    let declared = range(dataset.range.lowerBound, dataset.range.upperBound)
    let rows = [
      ["data", Wording.escaped(dataset.name)],
      ["size", "\(Numbers.grouped(dataset.count)) \(form)"],
      ["range", "\(declared) declared, \(range(low, high)) found"],
      ["labels", dataset.labels == nil ? "none" : "\(dataset.classNames.count) classes"],
    ]
    return TextTable.text(rows) + histogram(dataset)
  }

  /// Size and alphabet of text, and how well the simplest models predict it.
  private static func description(
    of dataset: Dataset, _ text: TextFormat, _ form: String
  ) -> String {
    let bits = [1, 3].map { order in
      Numbers.fixed(CharacterModel(dataset, order: order).bitsPerCharacter(of: dataset), 3)
    }
    return TextTable.text([
      ["data", Wording.escaped(dataset.name)],
      ["size", "\(Numbers.grouped(dataset.count)) \(form)"],
      ["tokens", "\(text.vocabulary): \(text.alphabetInWords)"],
      [
        "bits per character",
        "unigram \(bits[0]), trigram \(bits[1]), fitted to this text",
      ],
    ])
  }

  private static func form(ofSound dataset: Dataset) -> String {
    guard let sound = dataset.sound else { return "" }
    let seconds = Numbers.fixed(Double(sound.length) / Double(sound.rate), 2)
    let what =
      dataset.kind == .image
      ? "log-mel spectrograms of \(dataset.shape.height) bands × \(dataset.shape.width) frames"
      : "sounds"
    return "\(what), \(sound.length) values at \(sound.rate) Hz (\(seconds) s)"
  }

  /// How many samples each class has; the first 24 classes.
  private static func histogram(_ dataset: Dataset) -> String {
    guard let labels = dataset.labels else { return "" }
    var counts = [Int](repeating: 0, count: dataset.classNames.count)
    for label in labels { counts[label] += 1 }
    let most = max(counts.max() ?? 1, 1)
    let mark = Console.isUTF8 ? "█" : "#"
    let rows = zip(dataset.classNames, counts).prefix(24).map { name, count in
      [
        "  " + Wording.escaped(name), Numbers.grouped(count),
        String(repeating: mark, count: count * 40 / most),
      ]
    }
    let rest = counts.count - rows.count
    return TextTable.text(rows) + (rest > 0 ? "  … and \(rest) more\n" : "")
  }
}

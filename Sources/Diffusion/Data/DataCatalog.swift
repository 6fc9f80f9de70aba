/// A data set that comes with the program.
public struct BuiltInData: Sendable {
  /// The name in recipes.
  public let name: String
  /// One line for a list.
  public let summary: String
  /// Whether it is text.
  let isText: Bool
  private let makeSet: @Sendable () -> Dataset
  /// Makes it in another form, where it is sound.
  let makeSound: (@Sendable (any SoundForm) throws(FileError) -> Dataset)?

  /// A set that `make` makes when needed; `summary` is one line for a list.
  package init(
    _ name: String, _ summary: String, isText: Bool = false,
    make: @escaping @Sendable () -> Dataset
  ) {
    self.name = name
    self.summary = summary
    self.isText = isText
    makeSet = make
    makeSound = nil
  }

  /// A set of sound that `sound` makes in the form that is asked for; that of the defaults cannot fail.
  init(
    _ name: String, _ summary: String,
    sound: @escaping @Sendable (any SoundForm) throws(FileError) -> Dataset
  ) {
    self.name = name
    self.summary = summary
    isText = false
    makeSound = sound
    makeSet = {
      do { return try sound(SoundConfiguration().value) } catch {
        preconditionFailure("\(name) cannot be made: \(error)")
      }
    }
  }

  /// A fresh copy of the set.
  public func make() -> Dataset { makeSet() }
}

/// The built-in data sets, and how to open those in files.
public enum DataCatalog {
  /// The sets, in the order in which they are listed.
  public static let all: [BuiltInData] = [
    .digits14, .digits28, .fashion14, .emoji16, .swissroll, .dino, .moons, .circles, .grid, .sine,
    .words, .drums,
  ]

  /// The set of that name, or nil.
  static func builtIn(_ name: String) -> BuiltInData? { all.first { $0.name == name } }
}

extension DataCatalog {
  /// The built-in set of that name, or the set in a file or folder, whose format is detected from its content.
  ///
  /// `FILE#NAME` selects the class NAME of the file: `DatasaurusDozen.tsv#dino`. `FILE:FILE` concatenates
  /// several files of CIFAR-10 records. `text` says how text in a file becomes samples.
  public static func open(_ nameOrPath: String) throws(FileError) -> Dataset {
    try open(nameOrPath, text: TextOptions(), sound: SoundConfiguration())
  }

  /// The same, with how text in a file becomes samples, and with sound in the form that `sound` describes.
  package static func open(
    _ nameOrPath: String, text: TextOptions = TextOptions(), sound: SoundConfiguration
  ) throws(FileError) -> Dataset {
    if let known = builtIn(nameOrPath) {
      return try known.makeSound?(sound.value) ?? known.make()
    }
    switch PathKind(nameOrPath) {
    case .folder:
      return try openFolder(nameOrPath, sound)
    case .other:
      if SoundSet.isSound(nameOrPath) { return try SoundSet.dataset(nameOrPath, sound.value) }
      return try openFile(nameOrPath, text)
    case .nothing:
      if let files = files(in: nameOrPath) { return try CIFAR.dataset(files) }
      if let mark = nameOrPath.lastIndex(of: "#"), mark != nameOrPath.startIndex {
        let file = try open(String(nameOrPath[..<mark]), text: text, sound: sound)
        return try file.select(className: String(nameOrPath[nameOrPath.index(after: mark)...]))
      }
      let names = all.map(\.name).joined(separator: ", ")
      throw FileError(
        nameOrPath, .missing, "is neither a file nor one of the built-in sets: \(names)")
    }
  }

  /// What has a name, as far as that and the beginning of a file show.
  enum Content: Sendable, Hashable {
    case sound
    /// Text; in a file, settings say how it becomes samples.
    case text(isInFile: Bool)
    /// Anything else whose samples are numbers.
    case numbers
    /// A file that might be read as text, or that is not there.
    case unknown
  }

  /// What has that name.
  static func content(of nameOrPath: String) -> Content {
    if let known = builtIn(nameOrPath) {
      return known.makeSound != nil ? .sound : known.isText ? .text(isInFile: false) : .numbers
    }
    if SoundSet.isSound(nameOrPath) { return .sound }
    switch PathKind(nameOrPath) {
    case .folder: return .numbers
    case .other: return content(ofFile: nameOrPath)
    case .nothing:
      if files(in: nameOrPath) != nil { return .numbers }
      let mark = nameOrPath.lastIndex(of: "#").flatMap { $0 == nameOrPath.startIndex ? nil : $0 }
      return mark.map { content(of: String(nameOrPath[..<$0])) } ?? .unknown
    }
  }

  private static func content(ofFile path: String) -> Content {
    guard let start = try? ByteStream(path: path).read(upTo: 4096), !start.isEmpty else {
      return .unknown
    }
    if IDX.isPlausible(start) || CIFAR.hasUsualName(path) { return .numbers }
    return isText(start) && !PointsFile.isPlausible(path, start) ? .text(isInFile: true) : .unknown
  }

  private static func isText(_ start: [UInt8]) -> Bool {
    start.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
  }

  /// Whether there is something of that name: a set, a file, a folder, several files, or what
  /// `#NAME` chooses from.
  package static func exists(_ nameOrPath: String) -> Bool {
    if builtIn(nameOrPath) != nil || files(in: nameOrPath) != nil { return true }
    if PathKind(nameOrPath) == .nothing {
      let mark = nameOrPath.lastIndex(of: "#")
      return mark.map { $0 != nameOrPath.startIndex && exists(String(nameOrPath[..<$0])) } ?? false
    }
    return true
  }

  /// The files of a list of paths with colons between, or nil where it is none.
  private static func files(in list: String) -> [String]? {
    let paths = list.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let areFiles = paths.allSatisfy { PathKind($0) == .other }
    return paths.count > 1 && areFiles ? paths : nil
  }

  private static func openFile(
    _ path: String, _ text: TextOptions
  ) throws(FileError) -> Dataset {
    let start = try ByteStream(path: path).read(upTo: 4096)
    if start.isEmpty { throw FileError(path, .truncated, "is empty") }
    if IDX.isPlausible(start) { return try IDX.dataset(images: path) }
    if text.unit == .bytes { return try TextFile.dataset(path, text) }
    // Records have no signature, and bright images may look like text.
    if CIFAR.hasUsualName(path) { return try CIFAR.dataset([path]) }
    if isText(start) {
      return PointsFile.isPlausible(path, start)
        ? try PointsFile.dataset(path) : try TextFile.dataset(path, text)
    }
    if try CIFAR.isPlausible(path) { return try CIFAR.dataset([path]) }
    throw FileError(
      path, .unrecognized,
      "is neither an idx file, nor a table of points, nor text, nor CIFAR-10 records, plain or gzip, nor named like "
        + "a sound file; to learn the bytes of any file set data.tokens = \"bytes\"")
  }

  /// MNIST or CIFAR-10 as they are usually unpacked: folders of files of which those for training
  /// count.
  private static func openFolder(
    _ path: String, _ sound: SoundConfiguration
  ) throws(FileError) -> Dataset {
    let names = ["train-images-idx3-ubyte", "train-images.idx3-ubyte"]
    for name in names.flatMap({ [$0 + ".gz", $0] }) {
      let file = "\(path)/\(name)"
      if PathKind(file) == .other { return try IDX.dataset(images: file) }
    }
    let batches = CIFAR.batches(in: path)
    if !batches.isEmpty { return try CIFAR.dataset(batches) }
    if SoundSet.isSound(path) { return try SoundSet.dataset(path, sound.value) }
    throw FileError(
      path, .unrecognized,
      "is a folder without \(names[0]) and without data_batch_1.bin, plain or with .gz, and without "
        + "sound files; expected a file")
  }
}

extension Dataset {
  /// Only the samples of the class with that name.
  public func select(className: String) throws(FileError) -> Dataset {
    try select(classes: [number(ofClass: className)])
  }

  /// The number of the class of that name, from 0.
  func number(ofClass className: String) throws(FileError) -> Int {
    guard let index = classNames.firstIndex(of: className) else {
      let known = classNames.isEmpty ? "none" : classNames.joined(separator: ", ")
      throw FileError(name, .unsupported, "has no class \(className); its classes are: \(known)")
    }
    return index
  }
}

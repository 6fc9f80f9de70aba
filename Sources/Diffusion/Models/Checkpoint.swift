/// Everything needed to continue a run or to sample from it, as one safetensors file.
///
/// Tensors carry PyTorch's names, order and layout, so that `weights.*` can be loaded elsewhere.
/// They are read from the file when they are needed.
package struct Checkpoint: Sendable {
  /// A change of the recipe while the run went on.
  package struct Change: Sendable, Equatable {
    /// How many steps were done before it.
    package var step: Int
    /// The lines of the recipe that changed.
    package var text: String

    /// A change that was made before `step` was taken, as lines of a recipe.
    package init(step: Int, text: String) {
      self.step = step
      self.text = text
    }
  }

  /// The trainer's part: weights, average, moments, random streams.
  package var state: Trainer.State
  /// The whole text of the recipe.
  package var recipe: String
  /// What was changed while the run went on, oldest first.
  package var changes: [Change]
  /// Seconds of training so far.
  package var elapsedSeconds: Double
  /// What the run's first weights came from, or nil where they were drawn.
  package var parent: String?
  /// What its samples are; nil in files from before this was written.
  package var format: SampleFormat?
  /// How many samples are trained on; nil in files from before this was written.
  package var sampleCount: Int?

  /// What a run keeps: the trainer's state, its recipe as TOML, and what happened to it.
  package init(
    _ state: Trainer.State, recipe: String, changes: [Change] = [], elapsedSeconds: Double = 0,
    parent: String? = nil, format: SampleFormat? = nil, sampleCount: Int? = nil
  ) {
    self.state = state
    self.recipe = recipe
    self.changes = changes
    self.elapsedSeconds = elapsedSeconds
    self.parent = parent
    self.format = format
    self.sampleCount = sampleCount
  }
}

extension Checkpoint {
  /// What `format` says in the metadata of a checkpoint.
  static let formatName = "diffusion-workbench checkpoint"
  /// Raised when a reader of the version before could not read the file.
  static let version = 1

  /// Whether a safetensors file with this metadata is a checkpoint.
  package static func isCheckpoint(_ metadata: [String: String]) -> Bool {
    metadata["format"] == formatName
  }

  /// Whether the file at a path is a checkpoint.
  package static func exists(at path: String) -> Bool {
    (try? SafeTensors(contentsOf: path)).map { isCheckpoint($0.metadata) } ?? false
  }

  /// Checks quickly that the file at a path begins as a safetensors file and is as long as it says.
  package static func checkLength(at path: String) throws(FileError) {
    try SafeTensorsHeader.checkLength(FileReader(path))
  }

  /// The step that the checkpoint at a path is of, from its header alone.
  package static func step(ofFile path: String) throws(FileError) -> Int {
    let file = try SafeTensors(contentsOf: path)
    guard isCheckpoint(file.metadata) else {
      throw FileError(path, .unrecognized, "is a safetensors file, but not a checkpoint of a run")
    }
    return try Fields(path: path, metadata: file.metadata).number("step") {
      Int($0).flatMap { $0 >= 0 ? $0 : nil }
    }
  }

  private static let prefixes = (
    weights: "weights.", average: "average.", m: "adam.m.", v: "adam.v."
  )
  private static let bytePrefix = "random."

  /// Replaces the checkpoint at `path`, as a whole or not at all.
  package func write(to path: String) throws(FileError) { try write(to: path, calls: .system) }

  func write(to path: String, calls: WriteCalls) throws(FileError) {
    let prefixes = Self.prefixes
    var items = state.weights.items(prefix: prefixes.weights)
    items += state.average.items(prefix: prefixes.average)
    items += state.m.items(prefix: prefixes.m) + state.v.items(prefix: prefixes.v)
    var bytes = [
      ("batch_origin", state.batchOrigin), ("batch_position", littleEndian(state.batchPosition)),
      ("stream", state.random),
    ]
    if !state.objective.isEmpty { bytes.append(("objective", state.objective)) }
    items += bytes.map { .bytes(name: Self.bytePrefix + $0, $1) }
    let changes = JSON.array(
      changes.map { ["step": .integer($0.step), "text": .string($0.text)] })
    var metadata = [
      ("format", Self.formatName), ("version", "\(Self.version)"), ("step", "\(state.step)"),
      ("elapsed_seconds", "\(elapsedSeconds)"), ("recipe", recipe),
      ("schedule_changes", changes.description),
    ]
    if let parent { metadata.append(("parent", parent)) }
    if let format { metadata.append(("samples", format.json.description)) }
    if let sampleCount { metadata.append((Self.sampleCountField, "\(sampleCount)")) }
    try SafeTensors.write(items, metadata: metadata, to: path, checksum: true, calls: calls)
  }

  /// What the metadata of a checkpoint may have.
  private static let fields: Set<String> = [
    "format", "version", "step", "elapsed_seconds", "recipe", "schedule_changes", "parent",
    "samples", sampleCountField,
    SafeTensors.Checksum.field,
  ]
  private static let sampleCountField = "sample_count"

  /// How many samples are trained on, as the checkpoint at a path says without being read as a whole; nil
  /// where it does not say.
  package static func sampleCount(at path: String) -> Int? {
    (try? SafeTensors(contentsOf: path)).flatMap { sampleCount($0.metadata) }
  }

  private static func sampleCount(_ metadata: [String: String]) -> Int? {
    metadata[sampleCountField].flatMap { Int($0) }.flatMap { (1...1 << 40).contains($0) ? $0 : nil }
  }

  /// The name of the first tensor with a number that is not finite, or nil: a run cannot go on from one.
  package func firstNotFinite() throws(FileError) -> String? {
    for source in [state.weights, state.average, state.m, state.v] {
      for (index, entry) in source.entries.enumerated() {
        let isFinite = try source.values(at: index).allSatisfy(\.isFinite)
        guard isFinite else { return entry.name }
      }
    }
    return nil
  }

  /// Opens a checkpoint and checks all but the meaning of its tensors' numbers; those of files from before
  /// there were checksums are taken as they are.
  package init(contentsOf path: String) throws(FileError) {
    let file = try SafeTensors(contentsOf: path)
    let fields = Fields(path: path, metadata: file.metadata)
    guard Self.isCheckpoint(file.metadata) else {
      throw FileError(path, .unrecognized, "is a safetensors file, but not a checkpoint of a run")
    }
    let version = try fields.number("version") { Int($0) }
    guard version == Self.version else {
      throw FileError(
        path, .unsupported, "is a checkpoint of version \(version); expected \(Self.version)")
    }
    // A damaged name would hide the checksum.
    if let other = file.metadata.keys.filter({ !Self.fields.contains($0) }).min() {
      throw FileError(
        path, .corrupt, "has a field \(Wording.quoted(other)) that no checkpoint has")
    }
    try file.checkSum()
    try Self.check(file)
    func bytes(_ name: String) throws(FileError) -> [UInt8] {
      let name = Self.bytePrefix + name
      return file.entry(name) == nil ? [] : try file.bytes(name)
    }
    func source(_ prefix: String) -> TensorSource { TensorSource(file, prefix: prefix) }
    let prefixes = Self.prefixes
    let state = Trainer.State(
      step: try fields.number("step") { Int($0).flatMap { $0 >= 0 ? $0 : nil } },
      weights: source(prefixes.weights), average: source(prefixes.average), m: source(prefixes.m),
      v: source(prefixes.v), random: try bytes("stream"),
      batchOrigin: try bytes("batch_origin"),
      batchPosition: try bytes("batch_position").reversed().reduce(0) { $0 << 8 | Int($1) },
      objective: try bytes("objective"))
    self.init(
      state, recipe: try fields.text("recipe"), changes: try fields.changes(),
      elapsedSeconds: try fields.number("elapsed_seconds") {
        Double($0).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
      },
      parent: file.metadata["parent"], format: try fields.format(),
      sampleCount: Self.sampleCount(file.metadata))
  }

  /// Refuses tensors that no checkpoint has.
  private static func check(_ file: SafeTensors) throws(FileError) {
    let groups = [prefixes.weights, prefixes.average, prefixes.m, prefixes.v]
    for entry in file.entries {
      if groups.contains(where: { entry.name.hasPrefix($0) }) {
        guard entry.type == .f32 || entry.type == .i64 else {
          throw FileError(
            file.path, .mismatch,
            "has \(Wording.quoted(entry.name)) as \(entry.type.rawValue); expected F32 or I64")
        }
      } else if !entry.name.hasPrefix(bytePrefix) || entry.type != .u8 {
        throw FileError(
          file.path, .mismatch,
          "has a tensor \(Wording.quoted(entry.name)) that no checkpoint has")
      }
    }
  }
}

private func littleEndian(_ value: Int) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// The metadata of a checkpoint, field by field.
private struct Fields {
  let path: String
  let metadata: [String: String]

  func text(_ name: String) throws(FileError) -> String {
    guard let text = metadata[name] else {
      throw FileError(path, .malformed, "has no field \(name) in its metadata")
    }
    return text
  }

  func number<Number>(_ name: String, _ parse: (String) -> Number?) throws(FileError) -> Number {
    let text = try text(name)
    guard let number = parse(text) else {
      throw FileError(
        path, .malformed, "has \(name) = \(Wording.quoted(text)); expected a number of at least 0"
      )
    }
    return number
  }

  func changes() throws(FileError) -> [Checkpoint.Change] {
    let problem = FileError(path, .malformed, "has schedule_changes that cannot be read")
    guard let changes = try? JSON(parsing: text("schedule_changes")).array else { throw problem }
    var result: [Checkpoint.Change] = []
    for change in changes {
      guard let step = change["step"]?.integer, let text = change["text"]?.string else {
        throw problem
      }
      result.append(Checkpoint.Change(step: step, text: text))
    }
    return result
  }

  func format() throws(FileError) -> SampleFormat? {
    guard let text = metadata["samples"] else { return nil }
    guard let json = try? JSON(parsing: text), let format = SampleFormat(json: json) else {
      throw FileError(path, .malformed, "has a field samples that cannot be read")
    }
    return format
  }
}

extension SampleFormat {
  /// As checkpoints keep it.
  fileprivate var json: JSON {
    var members: [JSON.Member] = [
      .init("kind", .string(kind.rawValue)),
      .init("shape", [.integer(shape.height), .integer(shape.width), .integer(shape.channels)]),
      .init("range", [.float(range.lowerBound), .float(range.upperBound)]),
      .init("classes", .array(classNames.map { .string($0) })),
    ]
    if let text { members.append(.init("text", text.json)) }
    if let sound { members.append(.init("sound", sound.json)) }
    return .object(members)
  }

  fileprivate init?(json: JSON) {
    let dimensions = json["shape"]?.array?.compactMap(\.integer) ?? []
    let ends = json["range"]?.array?.compactMap(\.double) ?? []
    let names = json["classes"]?.array?.compactMap(\.string) ?? []
    guard let kind = json["kind"]?.string.flatMap(Dataset.Kind.init), dimensions.count == 3,
      dimensions.allSatisfy({ (1...1 << 24).contains($0) }),
      dimensions.reduce(1.0, { $0 * Double($1) }) <= Double(1 << 24), ends.count == 2,
      ends[0] <= ends[1]
    else { return nil }
    let text = json["text"].flatMap(TextFormat.init(json:))
    // What cannot be drawn is no sample of that kind.
    let fits =
      switch kind {
      case .points: dimensions == [1, 1, 2]
      case .signal: dimensions[0] == 1 && dimensions[2] == 1
      case .image: [1, 3].contains(dimensions[2])
      case .text: dimensions[0] == 1 && dimensions[2] == text?.channels
      }
    guard fits, (kind == .text) == (text != nil) else { return nil }
    self.init(
      kind: kind, shape: Shape(1, dimensions[0], dimensions[1], dimensions[2]),
      range: Float(ends[0])...Float(ends[1]), classNames: names, text: text,
      sound: json["sound"].flatMap { SoundFormat(json: $0, of: kind, dimensions) })
  }
}

extension TextFormat {
  /// As checkpoints keep it.
  fileprivate var json: JSON {
    [
      "tokens": .string(unit.rawValue), "alphabet": .array(alphabet.map { .integer(Int($0)) }),
      "lines": .bool(isLines), "characters": .number(charactersPerSample),
      "encoding": .string(encoding.rawValue),
    ]
  }

  fileprivate init?(json: JSON) {
    let numbers = json["alphabet"]?.array ?? []
    let alphabet = numbers.compactMap { $0.integer.flatMap(UInt32.init(exactly:)) }
    guard alphabet.count == numbers.count else { return nil }
    let rises = zip(alphabet, alphabet.dropFirst()).allSatisfy { $0 < $1 }
    guard let unit = json["tokens"]?.string.flatMap(Unit.init), !alphabet.isEmpty, rises,
      case .bool(let isLines)? = json["lines"], let characters = json["characters"]?.double,
      characters > 0, !isLines || alphabet.contains(Self.lineEnd),
      // Files from before there were others have tokens.
      let encoding = Encoding(rawValue: json["encoding"]?.string ?? Encoding.tokens.rawValue)
    else { return nil }
    self.init(
      unit: unit, alphabet: alphabet, isLines: isLines, charactersPerSample: characters,
      encoding: encoding)
  }
}

extension SoundFormat {
  /// As checkpoints keep it.
  fileprivate var json: JSON {
    var members: [JSON.Member] = [
      .init("rate", .integer(rate)), .init("length", .integer(length)),
    ]
    if let spectrogram {
      members.append(.init("window", .integer(spectrogram.window)))
      members.append(.init("hop", .integer(spectrogram.hop)))
    }
    return .object(members)
  }

  /// That of samples of a kind and size; nil where they cannot be heard with it.
  fileprivate init?(json: JSON, of kind: Dataset.Kind, _ dimensions: [Int]) {
    guard let rate = json["rate"]?.integer, let length = json["length"]?.integer,
      (1...1_000_000).contains(rate), (1...1 << 24).contains(length)
    else { return nil }
    guard kind == .image else {
      guard kind == .signal, length == dimensions[1] else { return nil }
      self.init(rate: rate, length: length)
      return
    }
    guard let window = json["window"]?.integer, let hop = json["hop"]?.integer,
      (2...1 << 16).contains(window), window.isMultiple(of: 2), (1...window).contains(hop),
      1 + length / hop == dimensions[1]
    else { return nil }
    self.init(
      rate: rate, length: length,
      spectrogram: MelSpectrogram(rate: rate, window: window, hop: hop, bands: dimensions[0]))
  }
}

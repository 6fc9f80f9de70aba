/// Everything needed to continue a run or to sample from it, as one safetensors file.
///
/// Tensors carry PyTorch's names, order and layout, so that `weights.*` can be loaded elsewhere.
public struct Checkpoint: Sendable, Equatable {
  /// A change of the schedule while the run went on.
  public struct ScheduleChange: Sendable, Equatable {
    /// The first step that used it.
    public var step: Int
    /// The schedule as it would stand in a recipe.
    public var text: String

    public init(step: Int, text: String) {
      self.step = step
      self.text = text
    }
  }

  /// Optimiser steps done.
  public var step: Int
  public var weights: [NamedTensor]
  /// The exponential moving average of the weights.
  public var average: [NamedTensor]
  /// Adam's first moment.
  public var adamM: [NamedTensor]
  /// Adam's second moment.
  public var adamV: [NamedTensor]
  /// The states of random streams and the like, by name.
  public var randomStates: [String: [UInt8]]
  /// The whole text of the recipe.
  public var recipe: String
  public var scheduleChanges: [ScheduleChange]
  /// Seconds of training so far.
  public var elapsedSeconds: Double
  /// The run this one was continued from.
  public var parent: String?

  public init(
    step: Int, weights: [NamedTensor], average: [NamedTensor], adamM: [NamedTensor],
    adamV: [NamedTensor], randomStates: [String: [UInt8]], recipe: String,
    scheduleChanges: [ScheduleChange] = [], elapsedSeconds: Double = 0, parent: String? = nil
  ) {
    self.step = step
    self.weights = weights
    self.average = average
    self.adamM = adamM
    self.adamV = adamV
    self.randomStates = randomStates
    self.recipe = recipe
    self.scheduleChanges = scheduleChanges
    self.elapsedSeconds = elapsedSeconds
    self.parent = parent
  }
}

extension Checkpoint {
  /// What `format` says in the metadata of a checkpoint.
  static let format = "diffusion-workbench checkpoint"
  /// Raised when a reader of the version before could not read the file.
  static let version = 1

  /// Whether a safetensors file with this metadata is a checkpoint.
  public static func isOne(_ metadata: [String: String]) -> Bool { metadata["format"] == format }

  private typealias Group = WritableKeyPath<Checkpoint, [NamedTensor]> & Sendable
  private static let groups: [(prefix: String, path: any Group)] = [
    ("weights.", \.weights), ("average.", \.average), ("adam.m.", \.adamM),
    ("adam.v.", \.adamV),
  ]
  private static let randomPrefix = "random."

  /// Replaces the checkpoint at `path`, as a whole or not at all.
  public func write(to path: String) throws(FileError) { try write(to: path, calls: .system) }

  func write(to path: String, calls: WriteCalls) throws(FileError) {
    var items: [SafeTensors.Item] = []
    for (prefix, group) in Self.groups {
      items += self[keyPath: group].map { tensor in
        var tensor = tensor
        tensor.name = prefix + tensor.name
        return .tensor(tensor)
      }
    }
    for (name, state) in randomStates.sorted(by: { $0.key < $1.key }) {
      items.append(.bytes(name: Self.randomPrefix + name, state))
    }
    let changes = JSON.array(
      scheduleChanges.map { ["step": .integer($0.step), "text": .string($0.text)] })
    var metadata = [
      ("format", Self.format), ("version", "\(Self.version)"), ("step", "\(step)"),
      ("elapsed_seconds", "\(elapsedSeconds)"), ("recipe", recipe),
      ("schedule_changes", changes.description),
    ]
    if let parent { metadata.append(("parent", parent)) }
    try SafeTensors.write(items, metadata: metadata, to: path, calls: calls)
  }

  /// Reads a checkpoint.
  public init(contentsOf path: String) throws(FileError) {
    let file = try SafeTensors(contentsOf: path)
    let fields = Fields(path: path, metadata: file.metadata)
    guard file.metadata["format"] == Self.format else {
      throw FileError(path, .unrecognized, "is a safetensors file, but not a checkpoint of a run")
    }
    let version = try fields.number("version") { Int($0) }
    guard version == Self.version else {
      throw FileError(
        path, .unsupported, "is a checkpoint of version \(version), expected \(Self.version)")
    }
    self.init(
      step: try fields.number("step") { Int($0).flatMap { $0 >= 0 ? $0 : nil } }, weights: [],
      average: [], adamM: [], adamV: [], randomStates: [:], recipe: try fields.text("recipe"),
      scheduleChanges: try fields.scheduleChanges(),
      elapsedSeconds: try fields.number("elapsed_seconds") {
        Double($0).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
      },
      parent: file.metadata["parent"])
    for entry in file.entries { try read(entry, from: file) }
  }

  private mutating func read(
    _ entry: SafeTensors.Entry, from file: SafeTensors
  ) throws(FileError) {
    for (prefix, group) in Self.groups where entry.name.hasPrefix(prefix) {
      guard entry.type == .f32 || entry.type == .i64 else {
        throw FileError(
          file.path, .mismatch,
          "has \(FileError.quoted(entry.name)) as \(entry.type.rawValue), expected F32 or I64")
      }
      var tensor = try file.tensor(entry.name)
      tensor.name = String(entry.name.dropFirst(prefix.count))
      self[keyPath: group].append(tensor)
      return
    }
    guard entry.name.hasPrefix(Self.randomPrefix), entry.type == .u8 else {
      throw FileError(
        file.path, .mismatch, "has a tensor \(FileError.quoted(entry.name)) that no checkpoint has")
    }
    randomStates[String(entry.name.dropFirst(Self.randomPrefix.count))] = try file.bytes(entry.name)
  }
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
        path, .malformed, "has \(name) = \(FileError.quoted(text)), expected a number from 0 on")
    }
    return number
  }

  func scheduleChanges() throws(FileError) -> [Checkpoint.ScheduleChange] {
    let problem = FileError(path, .malformed, "has schedule_changes that cannot be read")
    guard let changes = try? JSON(parsing: text("schedule_changes")).array else { throw problem }
    var result: [Checkpoint.ScheduleChange] = []
    for change in changes {
      guard let step = change["step"]?.integer, let text = change["text"]?.string else {
        throw problem
      }
      result.append(Checkpoint.ScheduleChange(step: step, text: text))
    }
    return result
  }
}

import Diffusion
import Platform

/// The folder of one run: its recipe, its metrics and its checkpoints.
struct RunFolder: Sendable, Hashable {
  let path: String

  /// Its own name, without those of the folders around it.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Where runs are unless somebody says otherwise.
  static let standardParent = "runs"

  /// Where it is, without links and detours; nil where there is no such folder.
  var place: String? { ResourceFolders.realPath(path) }

  var recipePath: String { path + "/recipe.toml" }
  var metricsPath: String { path + "/metrics.jsonl" }
  var checkpointPath: String { path + "/" + Model.checkpointName }

  /// The checkpoint before the newest.
  var previousPath: String { path + "/previous.safetensors" }

  /// A checkpoint of its own, which later ones do not replace.
  func keptCheckpointPath(step: Int) -> String { path + "/step-\(step).safetensors" }

  /// The checkpoint whose samples were the best.
  var bestPath: String { path + "/best.safetensors" }

  /// A checkpoint whose samples are being judged.
  var candidatePath: String { path + "/candidate.safetensors" }

  /// The folder at a path; slashes at its end do not count.
  init(path: String) {
    var path = Substring(path)
    while path.count > 1, path.last == "/" { path.removeLast() }
    self.path = String(path)
  }

  var hasCandidate: Bool { access(candidatePath, F_OK) == 0 }

  /// Makes the candidate the best checkpoint, in place of the one before.
  func promoteCandidate() throws(RunError) {
    guard rename(candidatePath, bestPath) == 0 else {
      throw .failed("\(bestPath): cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Removes the candidate, if there is one.
  func removeCandidate() { unlink(candidatePath) }

  /// Makes `path` and what leads to it.
  static func create(at path: String) throws(RunError) -> RunFolder {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .cannotMakeFolder(Wording.quoted(path), reason: "this cannot be the name of a folder")
    }
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part
      if mkdir(made, 0o777) != 0 && errno != EEXIST {
        throw .cannotMakeFolder(path, reason: String(cString: strerror(errno)))
      }
      made += "/"
    }
    return RunFolder(path: path)
  }

  /// Makes a folder `parent`/NAME-HHMM that was not there before.
  static func create(named name: String, in parent: String = standardParent) throws(RunError)
    -> RunFolder
  {
    _ = try create(at: parent)
    var now = time(nil)
    var clock = tm()
    localtime_r(&now, &clock)
    func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let base = "\(parent)/\(fileName(for: name))-\(padded(clock.tm_hour))\(padded(clock.tm_min))"
    var path = base
    var attempt = 1
    while mkdir(path, 0o777) != 0 {
      guard errno == EEXIST else {
        throw .cannotMakeFolder(path, reason: String(cString: strerror(errno)))
      }
      attempt += 1
      path = "\(base)-\(attempt)"
    }
    return RunFolder(path: path)
  }

  /// A name as a part of a path: what would lead elsewhere, end it or hide it is a hyphen, and what is too
  /// long is cut.
  static func fileName(for name: String) -> String {
    var result = ""
    for character in name {
      let isPlain =
        character != "/" && !(result.isEmpty && character == ".")
        && Wording.escaped(String(character)) == String(character)
      let next = isPlain ? String(character) : "-"
      if result.utf8.count + next.utf8.count > 200 { break }
      result += next
    }
    return result.isEmpty ? "run" : result
  }

  var hasCheckpoint: Bool { access(checkpointPath, F_OK) == 0 }

  /// The newest checkpoint.
  func checkpoint() throws -> Checkpoint {
    guard hasCheckpoint else { throw RunError.noCheckpoint(path) }
    do throws(FileError) {
      return try Checkpoint(contentsOf: checkpointPath)
    } catch {
      guard access(previousPath, F_OK) == 0 else { throw error }
      throw FileError(
        error.path, error.kind,
        "\(error.problem); to use the checkpoint before it, rename \(previousPath) to "
          + Model.checkpointName)
    }
  }

  /// What had been measured up to a step, but for lines that are damaged.
  func history(upTo step: Int) throws(FileError) -> [StepRecord] {
    guard access(metricsPath, F_OK) == 0 else { return [] }
    return try JSONLines.read(metricsPath, as: StepRecord.self, skippingDamage: true)
      .filter { $0.step <= step }
  }

  /// The recipe as it is after all changes: that of the checkpoint, or without one the file.
  func currentRecipe() throws -> Recipe {
    guard hasCheckpoint else {
      return try Recipe(
        RecipeLibrary.read(recipePath), name: name, path: recipePath, checkingData: false)
    }
    return try checkpoint().currentRecipe(path: path)
  }
}

import Diffusion
import Dispatch
import Platform
import Synchronization

/// What a list shows of a run, read from its folder without its weights.
struct RunSummary: Sendable, Equatable {
  var folder: RunFolder
  /// The folder without links and detours.
  var place: String?
  /// The name of the recipe it was begun with; empty where that cannot be read.
  var recipe = ""
  /// The data and the network, in a word each.
  var data = ""
  var network = ""
  /// The last step that was measured; nil before the first.
  var step: Int?
  /// The steps after which training is complete; nil where that depends on the data.
  var totalSteps: Int?
  var loss: Double?
  /// Seconds of training.
  var seconds: Double?
  /// When something was written last, in seconds since 1970.
  var modified: Int
  /// Whether there is a checkpoint.
  var hasCheckpoint = false
  /// The process that writes the run; nil where none does.
  var writer: Int?
  /// Why the run cannot be opened, as a sentence; nil for one that can.
  var problem: String?

  /// The folder's own name.
  var name: String { folder.name }

  /// When something was written last, local time, such as "21 Nov 18:40"; empty where nothing was.
  var lastModified: String {
    guard modified > 0 else { return "" }
    var moment = time_t(modified)
    var clock = tm()
    localtime_r(&moment, &clock)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%e %b %H:%M", &clock)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether all its steps are done.
  var isComplete: Bool { step.map { $0 >= totalSteps ?? .max } ?? false }
}

extension RunSummary {
  /// The runs in a folder, newest first; none where there is no such folder.
  ///
  /// What is wrong with one of them is said in its summary, and harms no other.
  static func all(in parent: String) -> [RunSummary] {
    let folders = ResourceFolders.folders(in: parent).map { RunFolder(path: "\(parent)/\($0)") }
    let runs = folders.filter(\.isRun)
    let summaries = Mutex<[RunSummary]>([])
    DispatchQueue.concurrentPerform(iterations: runs.count) { index in
      let summary = RunSummary(reading: runs[index])
      summaries.withLock { $0.append(summary) }
    }
    return summaries.withLock { $0 }.sorted(by: isNewer)
  }

  /// The order of lists: the newest first.
  static func isNewer(_ one: RunSummary, _ other: RunSummary) -> Bool {
    (one.modified, one.name) > (other.modified, other.name)
  }

  /// Reads what there is to know, and what is wrong with it.
  init(reading folder: RunFolder) {
    self.init(folder: folder, place: folder.place, modified: folder.modified)
    do {
      let recipe = try Recipe(
        RecipeLibrary.read(folder.recipePath), name: name, path: folder.recipePath,
        checkingData: false)
      self.recipe = String(recipe.name.prefix(80))
      data = recipe.data.source
      network = recipe.network.name
      if let record = try folder.lastRecord() {
        (step, loss, seconds) = (record.step, record.loss, record.seconds)
      }
      writer = RunLock.holder(of: folder)
      hasCheckpoint = folder.hasCheckpoint
      totalSteps = steps(of: recipe.training)
      if hasCheckpoint { try Checkpoint.checkLength(at: folder.checkpointPath) }
    } catch {
      problem = "\(error)"
    }
  }

  /// Epochs are so many steps as there are samples, which a checkpoint knows.
  private func steps(of training: TrainingConfiguration) -> Int? {
    if case .steps(let steps) = training.duration { return steps }
    return Checkpoint.sampleCount(at: folder.checkpointPath)
      .map { training.steps(sampleCount: $0) }
  }
}

extension RunFolder {
  private var files: [String] { [recipePath, metricsPath, checkpointPath] }

  /// Whether anything in it says that it is a run.
  var isRun: Bool {
    files.contains { (file: String) in access(file, F_OK) == 0 || errno == EACCES }
  }

  /// When one of its files was written last, in seconds since 1970.
  fileprivate var modified: Int {
    files.map { path in
      var status = stat()
      return stat(path, &status) == 0 ? Int(status.st_mtim.tv_sec) : 0
    }.max() ?? 0
  }

  /// The newest measured step, from the end of the metrics; nil before the first.
  fileprivate func lastRecord() throws(FileError) -> StepRecord? {
    guard access(metricsPath, F_OK) == 0 else { return nil }
    return try JSONLines.last(metricsPath, as: StepRecord.self) { $0.loss != nil }
  }
}

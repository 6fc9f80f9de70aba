import Diffusion
import Platform

/// A checkpoint that training can go back to.
struct KeptCheckpoint: Sendable, Hashable {
  var path: String
  var step: Int
  /// Why it was kept, in a few words.
  var reason: String
}

extension RunFolder {
  /// The checkpoints in the folder, newest first; one that was kept for two reasons is there once.
  func keptCheckpoints() -> [KeptCheckpoint] {
    let names = Folder.names(in: path).filter {
      $0.hasPrefix("step-") && $0.hasSuffix(".safetensors")
    }
    let found =
      [(checkpointPath, "latest"), (previousPath, "previous")]
      + [(bestPath, "best samples")] + names.map { ("\(path)/\($0)", "kept") }
    var kept: [Int: KeptCheckpoint] = [:]
    for (path, reason) in found {
      // A file that cannot be read is nothing to go back to.
      guard let step = try? Checkpoint.step(ofFile: path) else { continue }
      kept[step] = KeptCheckpoint(path: path, step: step, reason: reason)
    }
    return kept.values.sorted { $0.step > $1.step }
  }

  /// Reads a checkpoint that was listed before; while training goes on its file may have another name by now.
  private func checkpoint(_ kept: KeptCheckpoint) throws -> Checkpoint {
    let checkpoint = try Checkpoint(contentsOf: kept.path)
    if checkpoint.state.step == kept.step { return checkpoint }
    guard let same = keptCheckpoints().first(where: { $0.step == kept.step }) else {
      throw RunError.failed(
        "\(path): the checkpoint of step \(kept.step) has been replaced by a newer one"
      )
    }
    return try Checkpoint(contentsOf: same.path)
  }

  /// Makes a new run beside this one that is as this one was at a checkpoint, with all that had been
  /// measured until then.
  func fork(at kept: KeptCheckpoint) throws -> RunFolder {
    let checkpoint = try self.checkpoint(kept)
    let recipe = try checkpoint.currentRecipe(path: path)
    let fork = try RunFolder.create(named: recipe.name, in: parent)
    do {
      try AtomicFile.replace(fork.recipePath, with: Array(recipe.text.utf8))
      let lines = try history(upTo: checkpoint.state.step).map { JSONLines.line($0) + "\n" }
      try AtomicFile.replace(fork.metricsPath, with: Array(lines.joined().utf8))
      // Last: what has no checkpoint is no run to go on with.
      var copy = checkpoint
      copy.parent = path
      try copy.write(to: fork.checkpointPath)
    } catch {
      try? fork.delete()
      throw error
    }
    return fork
  }
}

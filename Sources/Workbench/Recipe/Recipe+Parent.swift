import ArgumentParser
import Diffusion

extension Recipe {
  /// The recipe of what a run starts from: a run's own, or one for a folder of diffusers.
  init(parent: String, overrides: [RecipeOverride]) throws {
    if DiffusersFolder.isOne(parent) {
      try self.init(diffusers: parent, overrides: overrides)
      return
    }
    let name = RecipeLibrary.name(ofFile: parent)
    if ResourceFolders.isFolder(parent) {
      let folder = RunFolder(path: parent)
      try self.init(
        folder.checkpoint().recipe, name: name, path: folder.recipePath, overrides: overrides)
      return
    }
    guard let file = try? SafeTensors(contentsOf: parent), Checkpoint.isOne(file.metadata) else {
      throw ValidationError(
        "which recipe? \(parent) has weights, but does not say of which network; "
          + "name one before --from")
    }
    try self.init(
      Checkpoint(contentsOf: parent).recipe, name: name, path: parent, overrides: overrides)
  }

  /// A recipe for the network and the process in a folder of diffusers; without data it makes
  /// samples only.
  init(diffusers path: String, overrides: [RecipeOverride]) throws {
    let folder = try DiffusersFolder(contentsOf: path)
    let scheduler = folder.scheduler ?? SchedulerConfiguration()
    let (schedule, sampling) = (scheduler.schedule, scheduler.sampling)
    let parameters = schedule.family.parameters.map {
      "\($0.key) = \(RecipeValue.number(schedule[$0.key] ?? $0.defaultValue).toml)"
    }
    let text = """
      [data]
      source = "\(DataConfiguration.none)"
      [network]
      kind = "\(NetworkKind.unet2D.rawValue)"
      config = \(RecipeValue.text(folder.unet.json.description).toml)
      [schedule]
      family = "\(schedule.family.rawValue)"
      timesteps = \(schedule.timesteps)
      \(parameters.joined(separator: "\n"))
      [objective]
      predict = "\(scheduler.parameterization.rawValue)"
      [optimizer]
      learning_rate = 1e-4
      [preview]
      sampler = "\(sampling.sampler.rawValue)"
      steps = \(sampling.steps)
      spacing = "\(sampling.spacing.rawValue)"
      variance = "\(sampling.variance.rawValue)"
      clip = \(sampling.clip)
      count = 4
      """
    let name = path.split(separator: "/").last.map(String.init) ?? "diffusers"
    try self.init(text, name: name, path: path, overrides: overrides)
  }
}

extension SchedulerConfiguration {
  /// The scheduler of diffusers that steps like the sampler; an error about the folder at `path` where
  /// there is none.
  func scheduler(for path: String) throws(FileError) -> DiffusersScheduler {
    guard let scheduler = type(of: sampling.sampler.value).scheduler else {
      throw unwritable(path, "diffusers has no sampler \(sampling.sampler.name)")
    }
    return scheduler
  }

  private func unwritable(_ path: String, _ problem: String) -> FileError {
    FileError(path, .unsupported, "cannot be written: \(problem)")
  }

  /// The `scheduler_config.json`; an error about the folder at `path` where there is no
  /// counterpart.
  package func json(for path: String) throws(FileError) -> JSON {
    let scheduler = try scheduler(for: path)
    guard
      let prediction = Self.predictions.first(where: {
        $0.value.kind == parameterization.kind && scheduler.predictions.contains($0.value.kind)
      })
    else {
      throw unwritable(
        path,
        "\(scheduler.name) does not support networks that predict \(parameterization.rawValue)")
    }
    var members: [JSON.Member] = [
      .init("_class_name", .string(scheduler.name)),
      .init("num_train_timesteps", .integer(schedule.timesteps)),
      .init("prediction_type", .string(prediction.word)),
    ]
    members += try scheduleMembers(scheduler, path)
    members += try spacingMembers(scheduler, path)
    members += try limitMembers(scheduler, path)
    for option in scheduler.options {
      guard let value = try json(option, scheduler, path) else { continue }
      guard let said = members.first(where: { $0.name == option.key })?.value else {
        members.append(.init(option.key, value))
        continue
      }
      guard said == value else {
        throw unwritable(
          path,
          "\(scheduler.name) takes \(option.setting ?? option.key) from what the network "
            + "predicts, \(parameterization.rawValue)")
      }
    }
    return .object(members)
  }

  private func scheduleMembers(
    _ scheduler: DiffusersScheduler, _ path: String
  ) throws(FileError) -> [JSON.Member] {
    if let betas = schedule.givenBetas {
      return [.init("trained_betas", .array(betas.map { .number($0) }))]
    }
    guard let name = schedule.diffusersName, scheduler.schedules.contains(name)
    else { throw unwritable(path, "\(scheduler.name) has no \(schedule.name) schedule") }
    let isRescaled = schedule.value(of: "zero_snr") == .flag(true)
    let ends = ["beta_start", "beta_end"].filter { schedule.setting($0) != nil }
    let known = ends + ["family", "timesteps", "preset"] + (scheduler.rescales ? ["zero_snr"] : [])
    if let other = schedule.settings.first(where: {
      !known.contains($0.key) && schedule.value(of: $0.key) != $0.defaultValue
    }), let value = schedule.value(of: other.key) {
      throw unwritable(
        path, "\(scheduler.name) has no \(schedule.name) schedule of \(other.key) = \(value)")
    }
    return [.init("beta_schedule", .string(name))]
      + (isRescaled ? [.init("rescale_betas_zero_snr", .bool(true))] : [])
      + ends.map { .init($0, .number(schedule.value(of: $0)?.number ?? 0)) }
  }

  private func spacingMembers(
    _ scheduler: DiffusersScheduler, _ path: String
  ) throws(FileError) -> [JSON.Member] {
    var members: [JSON.Member] = []
    var spacing = sampling.spacing
    if let sigmas = Self.sigmaSpacings.first(where: { $0.spacing == spacing }) {
      guard scheduler.spacesSigmas, spacing != .karras || sampling.rho == 7 else {
        throw unwritable(
          path,
          "\(scheduler.name) has no \(spacing.rawValue) spacing"
            + (scheduler.spacesSigmas ? " of rho = \(sampling.rho), expected 7" : ""))
      }
      members.append(.init(sigmas.key, .bool(true)))
      spacing = sampling.within
    }
    guard let word = Self.spacings.first(where: { $0.value == spacing })?.word else {
      throw unwritable(path, "diffusers has no \(spacing.rawValue) spacing")
    }
    return members + [
      .init("timestep_spacing", .string(word)), .init("steps_offset", .integer(sampling.offset)),
    ]
  }

  private func limitMembers(
    _ scheduler: DiffusersScheduler, _ path: String
  ) throws(FileError) -> [JSON.Member] {
    var members: [JSON.Member] = []
    if let threshold = sampling.threshold {
      guard scheduler.thresholds else {
        throw unwritable(
          path, "\(scheduler.name) has no dynamic thresholding; leave preview.threshold out")
      }
      members += [
        .init("thresholding", .bool(true)), .init("dynamic_thresholding_ratio", .number(threshold)),
        .init("sample_max_value", .number(sampling.thresholdMax)),
      ]
    }
    if scheduler.clips != nil {
      members += [
        .init("clip_sample", .bool(sampling.clipsPredictions)),
        .init("clip_sample_range", .number(sampling.clipRange)),
      ]
    } else if sampling.clipsPredictions, sampling.threshold == nil {
      throw unwritable(path, "\(scheduler.name) does not clip; set preview.clip to false")
    }
    return members
  }

  /// What an option is with these settings; nil where it need not be said.
  private func json(
    _ option: DiffusersScheduler.Option, _ scheduler: DiffusersScheduler, _ path: String
  ) throws(FileError) -> JSON? {
    guard let key = option.setting else {
      return option.values.first.flatMap { $0.json == option.standard ? nil : $0.json }
    }
    let value = sampling.value(of: key)
    guard let json = option.values.first(where: { $0.setting == value })?.json else {
      throw unwritable(
        path, "\(scheduler.name) has no \(key) = \(value?.description ?? "nothing")")
    }
    return json
  }
}

// MARK: - What becomes of it there

extension SchedulerConfiguration {
  /// In what diffusers samples a folder of this otherwise than it is sampled here, a sentence each.
  package var departures: [String] {
    guard let scheduler = type(of: sampling.sampler.value).scheduler,
      let schedule = try? schedule.make()
    else { return [] }
    var sentences: [String] = []
    let written = Set(scheduler.options.compactMap(\.setting) + ["steps"])
    for info in sampling.sampler.value.settings
    where !written.contains(info.key) && sampling.value(of: info.key) != info.defaultValue {
      let (value, standard) = (sampling.value(of: info.key), info.defaultValue)
      sentences.append(
        "the folder cannot store \(info.key) = \(value?.description ?? "nothing"); diffusers will use "
          + (standard?.description ?? "nothing"))
    }
    if sampling.timesteps != nil { sentences.append("the folder cannot store a list of timesteps") }
    if !samplesAlike(schedule) {
      sentences.append(
        "\(scheduler.name) takes these \(sampling.steps) steps differently; with rules = \"diffusers\" they "
          + "are taken as in diffusers")
    }
    if scheduler.pipeline == nil {
      sentences.append(
        "DDPMPipeline loads the folder, but cannot run \(scheduler.name); run it step by step")
    }
    return sentences
  }

  /// Whether the trajectory is the same under both sets of rules.
  private func samplesAlike(_ schedule: Schedule) -> Bool {
    var there = sampling
    (there.rules, there.timesteps) = (.diffusers, nil)
    var here = sampling
    here.timesteps = nil
    func facts(_ sampling: SamplingConfiguration) -> [[Double]] {
      let moves = sampling.makeMoves(schedule)
      return [[sampling.startingDeviation(schedule)]]
        + moves.map { move in
          [
            move.from.timestep, move.from.level.sigma, move.end.level.sigma,
            Double(sampling.sampler.value.draws(in: move)),
          ]
        }
    }
    let (a, b) = (facts(here), facts(there))
    return a.count == b.count
      // float32 there moves levels by less.
      && zip(a, b).allSatisfy { zip($0, $1).allSatisfy { abs($0 - $1) <= 1e-4 } }
  }
}

import Testing

@testable import Diffusion

@Suite("Configurations of diffusers' schedulers")
struct SchedulerConfigurationTests {
  private func read(
    _ text: String, sampler: (any Sampler)? = nil
  ) throws -> SchedulerConfiguration {
    try SchedulerConfiguration(
      json: JSON(parsing: text), path: "scheduler_config.json", sampler: sampler)
  }

  private func linear(_ timesteps: Int, _ start: Double, _ end: Double) -> ScheduleConfiguration {
    var schedule = LinearSchedule()
    (schedule.timesteps, schedule.betaStart, schedule.betaEnd) = (timesteps, start, end)
    return ScheduleConfiguration(schedule)
  }

  @Test("A configuration without keys has the library's defaults")
  func defaults() throws {
    let scheduler = try read("{}")
    #expect(
      scheduler.parts == SchedulerConfiguration(schedule: linear(1000, 1e-4, 0.02)).parts)
    #expect(
      scheduler.sampling
        == SamplingConfiguration(
          DDPM(steps: 1000, variance: .fixedSmall), spacing: .leading, clipsPredictions: true))
    let implicit = try read(#"{"_class_name": "DDIMScheduler", "clip_sample": false}"#)
    #expect(
      implicit.sampling
        == SamplingConfiguration(DDIM(steps: 50), spacing: .leading, clipsPredictions: false))
  }

  @Test("Its words are ours, and what is written is read as the same")
  func words() throws {
    let texts = [
      #"{"_class_name": "DDPMScheduler", "num_train_timesteps": 50, "beta_start": 0.001, "beta_end": 0.05, "variance_type": "fixed_large", "prediction_type": "sample", "timestep_spacing": "trailing", "steps_offset": 1, "clip_sample": false, "clip_sample_range": 3}"#,
      #"{"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "timestep_spacing": "linspace", "set_alpha_to_one": true, "skip_prk_steps": true}"#,
      #"{"beta_schedule": "sigmoid", "prediction_type": "v_prediction", "rescale_betas_zero_snr": true}"#,
      #"{"beta_schedule": "squaredcos_cap_v2", "beta_start": 0.5, "variance_type": "fixed_small_log"}"#,
    ]
    let schedulers = try texts.map { try read($0) }
    #expect(
      schedulers[0].parts
        == SchedulerConfiguration(
          sampler: DDPM(variance: .fixedLarge), schedule: linear(50, 0.001, 0.05),
          parameterization: .x0, clipRange: nil, spacing: .trailing
        ).parts)
    #expect(schedulers[1].sampler is DDIM)
    #expect(schedulers[1].schedule.name == "scaled-linear")
    #expect(schedulers[2].schedule.value(of: "zero_snr") == .flag(true))
    #expect(schedulers[3].schedule == ScheduleConfiguration(CosineSchedule()))
    for scheduler in schedulers {
      #expect(try read(scheduler.json(for: "folder").description).parts == scheduler.parts)
    }
  }

  @Test("The index of a folder counts more than the scheduler's own file")
  func index() throws {
    let scheduler = try read(#"{"_class_name": "PNDMScheduler"}"#, sampler: DDIM())
    #expect(scheduler.sampler is DDIM)
  }

  @Test(
    "What would change a number and has no counterpart is refused",
    arguments: [
      (#""_class_name": "PNDMScheduler""#, "expected DDPMScheduler, DDIMScheduler"),
      (
        #""beta_schedule": "linear_2""#,
        "expected linear, scaled_linear, squaredcos_cap_v2, sigmoid, laplace"
      ),
      (#""trained_betas": [0.1, 0.2]"#, "has trained_betas = “[0.1,0.2]”"),
      (#""num_train_timesteps": 0"#, "has num_train_timesteps = “0”"),
      (#""num_train_timesteps": 20000"#, "describes a schedule that is not made here: timesteps"),
      (#""beta_start": 0.5"#, "describes a schedule that is not made here: beta_start = 0.5 must"),
      (#""beta_end": 2"#, "has beta_end = “2”"),
      (
        #""variance_type": "fixed_large_log""#, "expected fixed_small, fixed_small_log, fixed_large"
      ),
      (#""variance_type": "learned_range""#, "has variance_type"),
      (#""prediction_type": "flow""#, "expected epsilon, sample, v_prediction"),
      (#""timestep_spacing": "middle""#, "expected leading, trailing, linspace"),
      (#""steps_offset": 1"#, "has steps_offset = “1”; expected 0"),
      (#""thresholding": true"#, "has thresholding = “true”; expected false"),
      (#""clip_sample_range": 2.0"#, "has clip_sample_range = “2.0”; expected 1"),
      (#""clip_sample": "yes""#, "has clip_sample"),
      (#""_class_name": "DDIMScheduler", "set_alpha_to_one": false"#, "has set_alpha_to_one"),
    ])
  func refuses(_ members: String, _ sentence: String) throws {
    let error = try #require(fileError { try read("{\(members)}") })
    #expect(error.path == "scheduler_config.json")
    #expect(error.problem.contains(sentence), "\(error.problem)")
  }

  @Test("What diffusers has no words for is not written")
  func unwritable() throws {
    var shifted = CosineSchedule()
    shifted.s = 0.02
    let configurations = [
      SchedulerConfiguration(schedule: ScheduleConfiguration(LogLinearSchedule())),
      SchedulerConfiguration(schedule: ScheduleConfiguration(shifted)),
      SchedulerConfiguration(spacing: .sampleSigmas),
      SchedulerConfiguration(sampler: Heun()),
    ]
    let sentences = [
      "diffusers has no log-linear schedule", "diffusers has no cosine schedule of s = 0.02",
      "diffusers has no sample-sigmas spacing",
      "diffusers has no folder with the sampler heun",
    ]
    for (configuration, sentence) in zip(configurations, sentences) {
      let error = fileError { try configuration.json(for: "folder") }
      #expect(error?.problem == "cannot be written: \(sentence)")
    }
  }
}

extension SchedulerConfiguration {
  /// All of it, to be compared.
  var parts: [AnyHashable?] {
    [SamplerConfiguration(sampler), schedule, parameterization, clipRange, spacing]
  }
}

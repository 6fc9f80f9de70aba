import Testing

@testable import Diffusion

@Suite("Configurations of diffusers' schedulers")
struct SchedulerConfigurationTests {
  private func read(_ text: String, className: String? = nil) throws -> SchedulerConfiguration {
    try SchedulerConfiguration(
      json: JSON(parsing: text), path: "scheduler_config.json", className: className)
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
    var ancestral = SamplingConfiguration(
      DDPM(steps: 1000, variance: .fixedSmall), spacing: .leading, clipsPredictions: true)
    ancestral.rules = .diffusers
    #expect(scheduler.sampling == ancestral)
    let implicit = try read(#"{"_class_name": "DDIMScheduler", "clip_sample": false}"#)
    var sampling = SamplingConfiguration(DDIM(steps: 50), spacing: .leading)
    sampling.rules = .diffusers
    #expect(implicit.sampling == sampling)
    let heun = try read(#"{"_class_name": "HeunDiscreteScheduler"}"#)
    #expect(heun.schedule == linear(1000, 0.00085, 0.012))
    #expect(heun.sampling.spacing == .linspace && !heun.sampling.clipsPredictions)
  }

  @Test("Its words are ours, and what is written is read as the same")
  func words() throws {
    let texts = [
      #"{"_class_name": "DDPMScheduler", "num_train_timesteps": 50, "beta_start": 0.001, "beta_end": 0.05, "variance_type": "fixed_large", "prediction_type": "sample", "timestep_spacing": "trailing", "steps_offset": 1, "clip_sample_range": 3}"#,
      #"{"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "timestep_spacing": "linspace", "set_alpha_to_one": false, "skip_prk_steps": true}"#,
      #"{"beta_schedule": "sigmoid", "prediction_type": "v_prediction", "rescale_betas_zero_snr": true}"#,
      #"{"beta_schedule": "squaredcos_cap_v2", "beta_start": 0.5, "variance_type": "fixed_small_log", "thresholding": true}"#,
    ]
    let schedulers = try texts.map { try read($0) }
    var first = SamplingConfiguration(
      DDPM(steps: 50, variance: .fixedLarge), spacing: .trailing, clipsPredictions: true)
    (first.rules, first.offset, first.clipRange) = (.diffusers, 1, 3)
    #expect(
      schedulers[0].parts
        == SchedulerConfiguration(
          schedule: linear(50, 0.001, 0.05), parameterization: .x0, sampling: first
        ).parts)
    #expect(schedulers[1].sampling.sampler.value is DDIM)
    #expect(schedulers[1].sampling.end == .firstLevel)
    #expect(schedulers[1].schedule.name == "scaled-linear")
    #expect(schedulers[2].schedule.value(of: "zero_snr") == .flag(true))
    #expect(schedulers[3].schedule == ScheduleConfiguration(CosineSchedule()))
    #expect(schedulers[3].sampling.threshold == 0.995)
    for scheduler in schedulers {
      #expect(try read(scheduler.json(for: "folder").description).parts == scheduler.parts)
    }
  }

  @Test("The same class is several samplers, by its order and algorithm")
  func solvers() throws {
    func name(_ options: String) throws -> String {
      try read(#"{"_class_name": "DPMSolverMultistepScheduler", \#(options)}"#)
        .sampling.sampler.name
    }
    #expect(try name(#""lambda_min_clipped": -Infinity"#) == "dpm++2m")
    #expect(try name(#""solver_order": 3, "solver_type": "midpoint""#) == "dpm++3m")
    #expect(try name(#""algorithm_type": "sde-dpmsolver++""#) == "dpm++2m-sde")
    // As from_config leaves it from DDPM's configuration; this class does not look at it.
    #expect(try name(#""solver_type": "heun", "variance_type": "fixed_small""#) == "dpm++2m")
  }

  @Test("The index of a folder counts more than the scheduler's own file")
  func index() throws {
    let scheduler = try read(#"{"_class_name": "PNDMScheduler"}"#, className: "DDIMScheduler")
    #expect(scheduler.sampling.sampler.value is DDIM)
  }

  @Test(
    "What would change a number and has no counterpart is refused",
    arguments: [
      (
        #""_class_name": "DEISMultistepScheduler""#,
        "expected DDIMScheduler, DDPMScheduler, HeunDiscreteScheduler"
      ),
      (
        #""beta_schedule": "linear_2""#,
        "expected linear, scaled_linear, squaredcos_cap_v2, sigmoid, laplace"
      ),
      (#""_class_name": "DDIMScheduler", "beta_schedule": "sigmoid""#, "has beta_schedule"),
      (#""trained_betas": [0.1, 0.2]"#, "has trained_betas = “[0.1,0.2]”; expected 1000 numbers"),
      (#""num_train_timesteps": 0"#, "has num_train_timesteps = “0”"),
      (#""num_train_timesteps": 20000"#, "describes a schedule that is not supported: timesteps"),
      (
        #""beta_start": 0.5"#,
        "describes a schedule that is not supported: beta_start is 0.5; expected at most"
      ),
      (#""beta_end": 2"#, "has beta_end = “2”"),
      (#""variance_type": "fixed_large_log""#, "root of ln β, which is NaN"),
      (#""prediction_type": "flow""#, "expected epsilon, sample, v_prediction"),
      (
        #""_class_name": "PNDMScheduler", "prediction_type": "sample""#,
        "expected epsilon, v_prediction"
      ),
      (#""timestep_spacing": "middle""#, "expected leading, trailing, linspace"),
      (#""thresholding": true, "sample_max_value": 0.5"#, "has sample_max_value"),
      (#""clip_sample": "yes""#, "has clip_sample"),
      (#""_class_name": "EulerDiscreteScheduler", "use_beta_sigmas": true"#, "expected false"),
      (
        #""_class_name": "EulerDiscreteScheduler", "interpolation_type": "log_linear""#,
        "expected linear"
      ),
      (#""_class_name": "UniPCMultistepScheduler", "solver_order": 4"#, "expected 1, 2, 3"),
      (
        #""_class_name": "DPMSolverMultistepScheduler", "solver_order": 4"#,
        "has solver_order = “4”; expected 1, 2"
      ),
      (
        #""_class_name": "DPMSolverMultistepScheduler", "use_lu_lambdas": true"#,
        "expected false; use_exponential_sigmas has the same σ"
      ),
      (
        #""_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "dpmsolver""#,
        "expected dpmsolver++"
      ),
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
    var threshold = SamplingConfiguration(Euler())
    threshold.threshold = 0.9
    let own = SamplingConfiguration(DDIM(steps: 10))
    let configurations = [
      SchedulerConfiguration(schedule: ScheduleConfiguration(LogLinearSchedule()), sampling: own),
      SchedulerConfiguration(schedule: ScheduleConfiguration(shifted), sampling: own),
      SchedulerConfiguration(sampling: SamplingConfiguration(spacing: .sampleSigmas)),
      SchedulerConfiguration(sampling: SamplingConfiguration(spacing: .karras)),
      SchedulerConfiguration(sampling: SamplingConfiguration(GradientEstimation())),
      SchedulerConfiguration(sampling: SamplingConfiguration(Euler(), clipsPredictions: true)),
      SchedulerConfiguration(sampling: threshold),
      SchedulerConfiguration(parameterization: .velocity, sampling: own),
      SchedulerConfiguration(parameterization: .v, sampling: SamplingConfiguration(PLMS())),
    ]
    let sentences = [
      "DDIMScheduler has no log-linear schedule",
      "DDIMScheduler has no cosine schedule of s = 0.02",
      "diffusers has no sample-sigmas spacing", "DDIMScheduler has no karras spacing",
      "diffusers has no sampler gradient-estimation",
      "EulerDiscreteScheduler does not clip; set preview.clip to false",
      "EulerDiscreteScheduler has no dynamic thresholding; leave preview.threshold out",
      "DDIMScheduler does not support networks that predict velocity",
      "PNDMScheduler takes extrapolates from what the network predicts, v",
    ]
    for (configuration, sentence) in zip(configurations, sentences) {
      let error = fileError { try configuration.json(for: "folder") }
      #expect(error?.problem == "cannot be written: \(sentence)")
    }
  }

  @Test("What diffusers does otherwise than a recipe of ours is said")
  func departures() {
    func said(_ sampling: SamplingConfiguration) -> [String] {
      SchedulerConfiguration(sampling: sampling).departures
    }
    var same = SamplingConfiguration(DDIM(steps: 20), spacing: .leading)
    #expect(said(same).isEmpty)
    same.spacing = .trailing
    #expect(said(same).isEmpty)
    #expect(
      said(SamplingConfiguration(DDIM(steps: 30, eta: 0.5))) == [
        "the folder cannot store eta = 0.5; diffusers will use 0.0",
        "DDIMScheduler takes these 30 steps differently; with rules = \"diffusers\" they are taken as in diffusers",
      ])
    #expect(
      said(SamplingConfiguration(DDPM(steps: 20, variance: .fixedLarge))) == [
        "DDPMScheduler takes these 20 steps differently; with rules = \"diffusers\" they are taken as in diffusers"
      ])
    #expect(said(SamplingConfiguration(Euler(), spacing: .linspace)).count == 2)
    var there = SamplingConfiguration(Euler(), spacing: .linspace)
    there.rules = .diffusers
    #expect(
      said(there) == [
        "DDPMPipeline loads the folder, but cannot run EulerDiscreteScheduler; run it step by step"
      ])
  }
}

extension SchedulerConfiguration {
  /// All of it, to be compared.
  var parts: [AnyHashable?] { [schedule, parameterization, sampling] }
}

/// The scheduler class of diffusers that steps like a sampler: what of its configuration means what
/// here.
///
/// Source: diffusers 0.42, `schedulers`.
package struct DiffusersScheduler: Sendable {
  /// How a class lists the timesteps that it visits.
  package enum Listing: Sendable {
    /// Whole timesteps; each step goes to the next of them.
    case timesteps
    /// Whole timesteps; each step is ⌊T/n⌋ long (``Stride``).
    case strides
    /// Timesteps that need not be whole, σ/α linear between those that are; the start has the
    /// deviation of the noise alone.
    case sigmas
    /// One timestep more than steps, the lowest of which is left out.
    case parts

    /// What `timestep_spacing` is where a configuration does not say.
    package var standardSpacing: StepSpacing {
      switch self {
      case .timesteps, .strides: .leading
      case .sigmas, .parts: .linspace
      }
    }
  }

  /// A key of the configuration.
  package struct Option: Sendable {
    package let key: String
    /// The setting of ``SamplingConfiguration`` that says the same; nil where only one value is taken.
    package let setting: String?
    /// The values that are taken, and what the setting is with them; empty for any number.
    package let values: [(json: JSON, setting: SettingValue)]
    /// The value where the key is missing.
    package let standard: JSON
    /// What is said of other values instead of which are expected.
    package var reasons: [String: String] = [:]
  }

  /// The name of the class.
  package let name: String
  package let listing: Listing
  /// The default number of steps of its pipeline; nil for as many as there are levels.
  package var steps: Int? = 50
  /// Whether diffusers has a pipeline that runs it.
  package var pipeline: String?
  package var predictions: [Parameterization.Kind] = [.epsilon, .x0, .v]
  /// The words of `beta_schedule`.
  package var schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"]
  /// The ends of β where a configuration does not say.
  package var betas = (start: 1e-4, end: 0.02)
  /// Whether x̂_0 is clipped where a configuration does not say; nil where it cannot be.
  package var clips: Bool?
  /// Whether there is dynamic thresholding.
  package var thresholds = false
  /// Whether σ/α can be spaced by itself, with `use_karras_sigmas` and `use_exponential_sigmas`.
  package var spacesSigmas = false
  /// Whether a schedule can be rescaled to end without signal.
  package var rescales = false
  /// All other keys that change a number.
  package var options: [Option] = []
}

extension DiffusersScheduler.Option {
  /// One of some values.
  static func choice(
    _ key: String, _ setting: String?, _ values: [(JSON, SettingValue)], standard: JSON,
    reasons: [String: String] = [:]
  ) -> Self {
    Self(
      key: key, setting: setting, values: values.map { (json: $0.0, setting: $0.1) },
      standard: standard, reasons: reasons)
  }

  /// True or false.
  static func flag(_ key: String, _ setting: String, standard: Bool) -> Self {
    choice(
      key, setting, [(.bool(true), .flag(true)), (.bool(false), .flag(false))],
      standard: .bool(standard))
  }

  /// One value alone; `standard` is that of the class where it is another one.
  static func only(_ key: String, _ value: JSON, standard: JSON? = nil) -> Self {
    Self(
      key: key, setting: nil, values: [(json: value, setting: .flag(true))],
      standard: standard ?? value)
  }

  /// The order of a solver.
  static func orders(_ orders: ClosedRange<Int>) -> Self {
    choice("solver_order", "order", orders.map { (.integer($0), .integer($0)) }, standard: 2)
  }

  /// Where the trajectory ends, by a word or a flag for each end.
  static func end(_ key: String, clean: JSON, firstLevel: JSON, standard: JSON) -> Self {
    choice(
      key, "end",
      [
        (clean, .text(PathEnd.clean.rawValue)), (firstLevel, .text(PathEnd.firstLevel.rawValue)),
      ], standard: standard)
  }

  /// The end of DDIM's and PNDM's trajectories.
  static func setAlphaToOne(_ standard: Bool) -> Self {
    end(
      "set_alpha_to_one", clean: .bool(true), firstLevel: .bool(false), standard: .bool(standard))
  }

  /// The end of trajectories over σ.
  static let finalSigmas = end(
    "final_sigmas_type", clean: "zero", firstLevel: "sigma_min", standard: "zero")

  /// Whether the last steps of a solver are of lower order.
  static let lowersFinalOrder = flag("lower_order_final", "lower_order_final", standard: true)

  /// The ways of spacing σ that are not taken, and what goes with them.
  static let otherSigmas: [Self] = [
    .only("use_beta_sigmas", false), .only("sigma_min", .null), .only("sigma_max", .null),
  ]
}

extension DiffusersScheduler {
  /// A solver of DPM-Solver++ of one kind, and of one order, or of those that its setting `order` takes.
  static func dpmSolver(
    orders: ClosedRange<Int>, algorithm: String, _ options: [Option]
  ) -> Self {
    Self(
      name: "DPMSolverMultistepScheduler", listing: .parts, pipeline: "DDPMPipeline",
      thresholds: true, spacesSigmas: true, rescales: true,
      options: [
        orders.count > 1
          ? .orders(orders) : .only("solver_order", .integer(orders.lowerBound), standard: 2),
        .only("algorithm_type", .string(algorithm), standard: "dpmsolver++"),
        .finalSigmas, .lowersFinalOrder, .only("euler_at_final", false),
        .choice(
          "use_lu_lambdas", nil, [(false, .flag(true))], standard: false,
          reasons: ["true": "false; use_exponential_sigmas has the same σ"]),
        .only("use_flow_sigmas", false),
        .only("use_dynamic_shifting", false),
        .only("lambda_min_clipped", .number(-.infinity)),
      ] + Option.otherSigmas + options)
  }
}

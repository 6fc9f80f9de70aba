/// The kinds of schedule there are, with their parameters.
public enum ScheduleFamily: String, Sendable, CaseIterable {
  case linear
  case scaledLinear = "scaled-linear"
  case cosine
  case logLinear = "log-linear"

  /// One sentence for someone who chooses.
  public var explanation: String {
    switch self {
    case .linear: "DDPM's: the noise added at each step, β, grows evenly."
    case .scaledLinear: "Latent diffusion's: √β grows evenly, so noise comes more slowly at first."
    case .cosine: "The signal fades along a cosine, slowly at both ends."
    case .logLinear: "The noise σ grows by the same factor at each step; the data is not scaled."
    }
  }

  /// The number of levels unless a configuration says otherwise.
  public var defaultTimesteps: Int {
    switch self {
    case .linear, .scaledLinear, .cosine: 1000
    case .logLinear: 200
    }
  }

  /// The parameters, in the order in which they are shown.
  public var parameters: [ScheduleParameter] {
    switch self {
    case .linear: [.betaStart(1e-4), .betaEnd(0.02)]
    case .scaledLinear: [.betaStart(8.5e-4), .betaEnd(0.012)]
    case .cosine: [.cosineOffset, .maxBeta]
    case .logLinear: [.sigmaMin, .sigmaMax]
    }
  }

  /// The parameters of which the first must not be above the second.
  var ordered: (low: String, high: String)? {
    switch self {
    case .linear, .scaledLinear: ("beta_start", "beta_end")
    case .logLinear: ("sigma_min", "sigma_max")
    case .cosine: nil
    }
  }

  /// The schedule for valid values, looked up by key.
  func make(timesteps: Int, _ value: (String) -> Double) -> Schedule {
    switch self {
    case .linear:
      .linear(
        timesteps: timesteps, betaStart: value("beta_start"), betaEnd: value("beta_end"))
    case .scaledLinear:
      .scaledLinear(
        timesteps: timesteps, betaStart: value("beta_start"), betaEnd: value("beta_end"))
    case .cosine:
      .cosine(timesteps: timesteps, s: value("s"), maxBeta: value("max_beta"))
    case .logLinear:
      .logLinear(
        timesteps: timesteps, sigmaMin: value("sigma_min"), sigmaMax: value("sigma_max"))
    }
  }
}

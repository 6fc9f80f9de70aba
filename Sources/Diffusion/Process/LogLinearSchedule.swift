internal import Platform

/// The log-linear schedule.
package struct LogLinearSchedule: SigmaRangeSchedule {
  package static let name = "log-linear"
  package static let meaning =
    "The noise σ grows by the same factor at each step; the data is not scaled."
  package static let shortName = "log-lin"

  package var timesteps = 200
  package var sigmaMin = 0.02
  package var sigmaMax = 10.0

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .preset, .sigmaMin, .sigmaMax,
  ]

  package static let presets = [
    preset("smalldiffusion", "smalldiffusion's default", 200, 0.02, 10),
    preset("toy", "smalldiffusion's toy example", 200, 0.01, 10),
    preset("fashion", "smalldiffusion's Fashion-MNIST example", 800, 0.01, 20),
    preset("ncsn", "the ten levels of Song and Ermon 2019", 10, 0.01, 1),
    preset("ve", "VE of Song et al. 2021, for CIFAR-10", 1000, 0.01, 50),
    preset("ve-edm", "VE as trained by Karras et al. 2022", 1000, 0.02, 100),
    preset("ve-diffusers", "VE as in diffusers", 2000, 0.01, 1348),
  ]

  private static func preset(
    _ name: String, _ meaning: String, _ timesteps: Int, _ low: Double, _ high: Double
  ) -> SchedulePreset {
    SchedulePreset(
      name, meaning,
      ["timesteps": .integer(timesteps), "sigma_min": .real(low), "sigma_max": .real(high)])
  }

  package func make() -> Schedule {
    .logLinear(timesteps: timesteps, sigmaMin: sigmaMin, sigmaMax: sigmaMax)
  }
}

extension Schedule {
  /// The log-linear, or geometric, schedule: evenly spaced log σ of a variance-exploding process.
  ///
  /// Source: Song and Ermon 2019; Permenter and Yuan 2024.
  ///
  /// - Precondition: 0 < `sigmaMin` ≤ `sigmaMax`.
  public static func logLinear(
    timesteps: Int = 200, sigmaMin: Double = 0.02, sigmaMax: Double = 10
  ) -> Schedule {
    precondition(sigmaMin > 0, "a log-linear schedule needs a sigma above 0, got \(sigmaMin)")
    return Schedule(.sigmas(evenlySpaced(log(sigmaMin), log(sigmaMax), timesteps).map { exp($0) }))
  }
}

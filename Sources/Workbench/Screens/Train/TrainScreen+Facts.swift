import Diffusion

/// What lessons can ask about.
extension TrainScreen {
  func facts(_ session: Session) -> [String: String] {
    var facts = [
      "panel": "\(focus.panel)", "previews": playback.frame == nil ? "none" : "some",
      "playing": plays && playback.isPlaying ? "yes" : "no",
      "cursor": view.cursor.map { "\(Int($0))" } ?? "none",
      "scale": view.isLogarithmic ? "log" : "linear",
      "levels": levelView == .now ? "bars" : levelView == .overTime ? "map" : "bits",
    ]
    if let loss = history.smoothedLosses(weight: 0.9).last { facts["loss"] = "\(loss)" }
    if let floor { facts["floor"] = "\(floor.loss)" }
    if let hardest = noiseLevels.hardest {
      // The share of the way from no noise to all of it.
      facts["hardest"] = "\((Double(hardest) + 0.5) / Double(NoiseLevelWindow.bins))"
    }
    return facts
  }
}

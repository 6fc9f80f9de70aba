import Diffusion

/// What lessons can ask about.
extension DenoiseScreen {
  func facts(_ session: Session) -> [String: String] {
    var facts = [
      "frame": "\(frameIndex)", "frames": "\(max(frameCount - 1, 0))",
      "complete": isComplete ? "yes" : "no", "playing": isPlaying ? "yes" : "no",
      "panel": "\(focus.panel)", "selected": "\(selected + 1)", "weights": "\(weightsStep)",
      "left": "\(leftView)", "right": "\(rightView)",
      "pinned": comparison == nil ? "no" : "yes", "seed": "\(session.sampling.seed)",
    ]
    if let frame {
      facts["noise"] = "\(frame.level.sigmaOverAlpha)"
      facts["place"] = frame.index == 0 ? "x_T" : frame.isLast ? "x_0" : "between"
    }
    return facts
  }
}

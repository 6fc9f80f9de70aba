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
    facts["task"] = editing.settings.task?.rawValue ?? EditSettings.sampling
    facts["resumed"] = mark.map { "\($0.frame.index)" } ?? "no"
    if let frame {
      facts["t"] = "\(frame.timestep)"
      facts["noise"] = "\(frame.level.sigmaOverAlpha)"
      facts["place"] = frame.index == 0 ? "x_T" : frame.isLast ? "x_0" : "between"
      facts["spread"] = "\(frame.spread)"
      facts["roughness"] = "\(frame.roughness)"
    }
    return facts
  }
}

extension Frame {
  /// How much the predictions of x_0 differ from one another: their standard deviation, over all values.
  fileprivate var spread: Double {
    let count = shape.sampleCount
    guard shape.batch > 1 else { return 0 }
    var sum = 0.0
    for place in 0..<count {
      let values = stride(from: place, to: x0.count, by: count).map { Double(x0[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      sum += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
    return (sum / Double(count)).squareRoot()
  }

  /// How jagged the samples x_t are: the RMS of the difference of neighbours in a row.
  fileprivate var roughness: Double {
    let (channels, width) = (shape.channels, shape.width)
    guard width > 1 else { return 0 }
    var sum = 0.0
    for index in channels..<x.count where index / channels % width != 0 {
      let step = Double(x[index] - x[index - channels])
      sum += step * step
    }
    return (sum / Double(x.count / width * (width - 1))).squareRoot()
  }
}

import Diffusion

/// What lessons can ask about.
extension ABScreen {
  func facts(_ session: Session) -> [String: String] {
    var facts = [
      "place": "\(place)", "places": "\(max(lockstep.count - 1, 0))",
      "complete": lockstep.count > 0 && difference.points.last?.place == lockstep.count - 1
        ? "yes" : "no",
      "seeds": sides[0].sampling.seed == sides[1].sampling.seed ? "same" : "different",
    ]
    if let first = difference.points.first { facts["first"] = "\(first.x)" }
    if let last = difference.points.last { facts["last"] = "\(last.x0)" }
    return facts
  }
}

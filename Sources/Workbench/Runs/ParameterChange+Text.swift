import Diffusion

extension ParameterChange {
  /// The change as one line, for metrics and checkpoints: `learning_rate 0.002`, or
  /// `schedule cosine timesteps=1000 s=0.008`.
  var text: String {
    switch self {
    case .learningRate(let rate): return "learning_rate \(rate)"
    case .schedule(let schedule):
      let values = schedule.values.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
      return "schedule \(schedule.family.rawValue) timesteps=\(schedule.timesteps)"
        + values.joined()
    }
  }

  /// Reads back what ``text`` wrote; nil for anything else.
  init?(text: String) {
    let words = text.split(separator: " ")
    guard words.count >= 2 else { return nil }
    switch words[0] {
    case "learning_rate":
      guard let rate = Double(words[1]) else { return nil }
      self = .learningRate(rate)
    case "schedule":
      guard let family = ScheduleFamily(rawValue: String(words[1])) else { return nil }
      var schedule = ScheduleConfiguration(family)
      for word in words.dropFirst(2) {
        let pair = word.split(separator: "=")
        guard pair.count == 2, let value = Double(pair[1]) else { return nil }
        schedule = schedule.setting(String(pair[0]), to: value)
      }
      self = .schedule(schedule)
    default: return nil
    }
  }
}

import Diffusion

/// A value that keys change.
enum FieldID: Hashable, Sendable {
  case learningRate
  case previewSampler
  case previewSteps
  case previewInterval
  case sampler
  case steps
  case eta
  case seed
  case count
  case clip
  case scheduleFamily
  /// `timesteps`, or a parameter of the family.
  case scheduleParameter(String)
}

/// A field as it stands.
struct FieldValue: Sendable, Equatable {
  /// When a change acts.
  enum Effectiveness: String, Sendable {
    case live
    case restart
    /// As soon as `a` or `A` says so.
    case onApply = "a / A"
  }

  var id: FieldID
  var label: String
  var text: String
  var effectiveness: Effectiveness
  /// One sentence for the foot of the panel.
  var explanation: String
  /// Whether a value can be typed.
  var isTyped = true
}

extension WorkbenchModel {
  /// The fields of a panel, from top to bottom; empty for panels without.
  func fields(of panel: PanelName) -> [FieldValue] {
    switch panel {
    case .run: runFields
    case .sampler: samplerFields
    case .parameters: scheduleFields
    default: []
    }
  }

  /// The field that keys change now.
  var focusedField: FieldValue? {
    let fields = fields(of: focusedPanel)
    let index = field[focusedPanel] ?? 0
    return fields.isEmpty ? nil : fields[min(index, fields.count - 1)]
  }

  private var runFields: [FieldValue] {
    let preview = train.previewSettings
    return [
      FieldValue(
        id: .learningRate, label: "learning rate", text: compact(train.learningRate),
        effectiveness: .live, explanation: "How far a step moves the weights, after warm-up."),
      FieldValue(
        id: .previewSampler, label: "preview by", text: preview.sampling.sampler.rawValue,
        effectiveness: .live, explanation: "The sampler of the previews.", isTyped: false),
      FieldValue(
        id: .previewSteps, label: "preview steps", text: grouped(preview.sampling.steps),
        effectiveness: .live, explanation: "Reverse steps of a preview."),
      FieldValue(
        id: .previewInterval, label: "preview every", text: grouped(preview.interval),
        effectiveness: .live, explanation: "Training steps between two previews."),
    ]
  }

  private var samplerFields: [FieldValue] {
    let sampling = denoise.sampling
    var fields = [
      FieldValue(
        id: .sampler, label: "sampler", text: sampling.sampler.rawValue, effectiveness: .live,
        explanation: "How a step goes from one noise level to the next.", isTyped: false),
      FieldValue(
        id: .steps, label: "steps", text: grouped(sampling.steps), effectiveness: .live,
        explanation: "How many levels of the schedule the path visits."),
    ]
    if sampling.sampler == .ddim {
      fields.append(
        FieldValue(
          id: .eta, label: "η", text: fixed(sampling.eta, 2), effectiveness: .live,
          explanation: "Fresh noise at each step: 0 is deterministic, 1 is like DDPM."))
    }
    return fields + [
      FieldValue(
        id: .seed, label: "seed", text: "\(sampling.seed)", effectiveness: .live,
        explanation: "Which noise the samples start from; r draws the next."),
      FieldValue(
        id: .count, label: "samples", text: grouped(sampling.count), effectiveness: .live,
        explanation: "How many are drawn; each has noise of its own, whatever the number."),
      FieldValue(
        id: .clip, label: "clip x̂₀", text: sampling.clip ? "on" : "off", effectiveness: .live,
        explanation: "Keeps every prediction inside the data's range.", isTyped: false),
    ]
  }

  private var scheduleFields: [FieldValue] {
    let edited = schedule.edited
    let keys = ["timesteps"] + edited.family.parameters.map(\.key)
    let family = FieldValue(
      id: .scheduleFamily, label: "family", text: edited.family.rawValue,
      effectiveness: .onApply, explanation: edited.family.explanation, isTyped: false)
    return [family]
      + keys.compactMap { key in
        guard let parameter = edited.parameter(key), let value = edited[key] else { return nil }
        return FieldValue(
          id: .scheduleParameter(key), label: parameter.symbol,
          text: key == "timesteps" ? grouped(Int(value)) : compact(value),
          effectiveness: .onApply, explanation: parameter.explanation)
      }
  }
}

import Diffusion

/// The sections a recipe may have.
enum RecipeSection: String, CaseIterable {
  case data
  case network
  case schedule
  case objective
  case training
  case optimizer
  case preview

  /// All keys of the section, whatever the kind of network or schedule.
  var keys: [String] {
    switch self {
    case .data: ["source", "classes", "range"]
    case .network: ["kind"] + unique(NetworkKind.allCases.flatMap(\.keys))
    case .schedule:
      ["family", "timesteps"] + unique(ScheduleFamily.allCases.flatMap(\.parameters).map(\.key))
    case .objective: ["predict"]
    case .training: ["batch", "steps", "epochs", "seed", "gradient_clip", "ema", "label_dropout"]
    case .optimizer:
      [
        "kind", "learning_rate", "warmup", "decay", "beta1", "beta2", "epsilon", "weight_decay",
      ]
    case .preview:
      ["sampler", "steps", "eta", "count", "seed", "interval", "clip", "spacing", "variance"]
    }
  }

  /// The key whose word decides which other keys there are, and those that every word has.
  var choice: (key: String, common: [String])? {
    switch self {
    case .network: ("kind", [])
    case .schedule: ("family", ["timesteps"])
    default: nil
    }
  }

  private func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// The place of a value: a section and a key in it, or a key before all sections.
struct RecipeKey: Sendable, Hashable, CustomStringConvertible {
  let section: String?
  let name: String

  init(_ section: String?, _ name: String) {
    self.section = section
    self.name = name
  }

  init(_ section: RecipeSection, _ name: String) { self.init(section.rawValue, name) }

  var description: String { section.map { "\($0).\(name)" } ?? name }
}

import Diffusion

/// How images are edited, as the form of the Denoise screen has it.
struct EditSettings: Configurable {
  /// What is done; nil to sample from noise.
  var task: ImageTask?
  /// The standard deviation of the noise, where images span 2.
  var noise = 0.5
  var level = NoiseLevelSource.given
  var method = FillMethod.repaint
  var resamplings = 10
  var jumpLength = 10
  var place = KeptPlace.center
  var factor = 2
  var zeta = 1.0
  var strength = 0.5

  static let sampling = "sample"

  static let table: [Setting<Self>] = [
    Setting(
      "task",
      .word(
        [AllowedValues.Choice(sampling, "draw samples from noise")]
          + ImageTask.allCases.map { AllowedValues.Choice($0.rawValue, $0.meaning) }),
      "what is made: samples from noise, or something of a given image",
      get: { .text($0.task?.rawValue ?? sampling) },
      set: { (root, value) in
        guard case .text(let word) = value else { return false }
        root.task = ImageTask(rawValue: word)
        return root.task != nil || word == sampling
      }),
    .real(
      \.noise, "noise", Interval(above: 0, upTo: 1000),
      "standard deviation of the noise, where images span 2: it is added to a clean image; a file is taken as noisy"
    ),
    .word(\.level, "level", "whether the level to start from is that noise, or estimated"),
    .word(\.method, "fill", "how to inpaint").label("method"),
    .integer(
      \.resamplings, "resamplings", 1...1000,
      "how often each stretch of steps is taken; 1 has no jumps"),
    .integer(\.jumpLength, "jump_length", 1...10_000, "steps that a jump goes back"),
    .word(\.place, "place", "where the image is that is continued around its edges"),
    .integer(\.factor, "factor", 2...64, "how many times larger the image becomes along each side"),
    .real(
      \.zeta, "zeta", Interval(0...1000), by: .linear(step: 0.1),
      "how strongly samples follow what is given"
    ).label("ζ"),
    .real(
      \.strength, "strength", Interval(above: 0, upTo: 1),
      "how much is changed: the share of the steps that are taken"),
  ]

  /// How the noise to start from is known.
  enum NoiseLevelSource: String, RecipeWord {
    case given, estimated

    var meaning: String {
      switch self {
      case .given: "the noise above"
      case .estimated: "estimated from the image"
      }
    }
  }

  /// How hidden values are made to fit those that are known.
  enum FillMethod: String, RecipeWord {
    case repaint, replacement

    var meaning: String {
      switch self {
      case .repaint: "with jumps back"
      case .replacement: "plain replacement"
      }
    }
  }

  /// Where in a larger image the given one is.
  enum KeptPlace: String, RecipeWord {
    case center, left, right, top, bottom

    var meaning: String { rawValue }
  }

  var repaint: RePaint {
    RePaint(jumpLength: jumpLength, resamplings: method == .repaint ? resamplings : 1)
  }

  /// The keys of the fields of a task, from top to bottom; those of images and masks are no settings.
  var keys: [String] {
    let jumps = method == .repaint ? ["resamplings", "jump_length"] : []
    switch task {
    case nil: return ["task"]
    case .denoise: return ["task", "image", "noise", "level"]
    case .inpaint: return ["task", "image", "mask", "fill"] + jumps
    case .outpaint: return ["task", "image", "place", "fill"] + jumps
    case .superres: return ["task", "image", "factor", "zeta"]
    case .colorize: return ["task", "image", "zeta"]
    case .img2img: return ["task", "image", "strength"]
    case .interpolate: return ["task", "image", "to"]
    }
  }
}

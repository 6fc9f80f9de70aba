import Diffusion
import Testing

@testable import Workbench

/// A recipe that is wrong in one place.
struct WrongRecipe: Sendable, CustomTestStringConvertible {
  /// Stands behind ``RecipeErrorTests/base``, which has five lines.
  var addition = ""
  var options: [String] = []
  /// The whole text instead.
  var text: String?
  /// The whole sentence.
  let says: String

  var testDescription: String { says }
}

@Suite("What is wrong with a recipe")
struct RecipeErrorTests {
  static let base = """
    [data]
    source = "digits14"

    [network]
    kind = "unet"

    """

  private static let kinds = Architectures.names.joined(separator: ", ")

  static let wrong: [WrongRecipe] = [
    // Names.
    .init(
      addition: "[trainig]\nbatch = 3",
      says: "r.toml:7: there is no section [trainig]; did you mean [training]? "
        + "the sections are data, network, schedule, objective, training, optimizer, preview, evaluation"
    ),
    .init(
      addition: "\n\n[zzzzzzz]",
      says: "r.toml:8: there is no section [zzzzzzz]; "
        + "the sections are data, network, schedule, objective, training, optimizer, preview, evaluation"
    ),
    .init(
      addition: "[training]\n# learning\nbacth = 3",
      says: "r.toml:8: there is no key training.bacth; did you mean batch? "
        + "[training] has batch, accumulate, steps, epochs, seed, gradient_clip, ema, ema_rule, "
        + "ema_power, ema_half_life, ema_ramp, recompute, label_dropout"
    ),
    .init(
      text: "batch = 3\n" + base,
      says: "r.toml:1: there is no key batch before the first section; it belongs below [training]"),
    .init(
      text: "data = 3\n",
      says: "r.toml:1: data is a section; expected [data] and its keys below it"),
    .init(
      options: ["trainig.batch=3"],
      says: "--set trainig.batch=3: there is no section [trainig]; did you mean [training]? "
        + "the sections are data, network, schedule, objective, training, optimizer, preview, evaluation"
    ),
    .init(
      options: ["batch=3"],
      says: "--set batch=3: expected section.key=value, such as training.batch=32"),
    .init(
      options: ["training.batch"],
      says: "--set training.batch: expected section.key=value, such as training.batch=32"),
    // Keys that do not go with the rest.
    .init(
      addition: "hidden = [3]",
      says: "r.toml:6: network.hidden does not apply to kind “unet”; "
        + "[network] has kind, channels, multipliers, blocks, groups, noise, classes, superres, learn_variance, "
        + "self_conditioning, patch, attention, heads"
    ),
    .init(
      addition: "[schedule]\nfamily = \"cosine\"\nbeta_end = 0.1",
      says: "r.toml:8: schedule.beta_end does not apply to family “cosine”; "
        + "[schedule] has family, timesteps, s, max_beta, zero_snr"),
    .init(
      text: "[data]\nsource = \"digits14\"\nrate = 8000\n[network]\nkind = \"unet\"",
      says:
        "r.toml:3: data.rate does not apply to source “digits14”; [data] has source, classes, range, "
        + "encoding, validation, validation_interval, validation_seed"),
    .init(
      options: ["data.window=8"],
      says:
        "--set data.window=8: data.window does not apply to source “digits14”; [data] has source, classes, "
        + "range, encoding, validation, validation_interval, validation_seed"),
    .init(
      addition: "[training]\nsteps = 3\nbatch = 4\nepochs = 5",
      says: "r.toml:9: training has both steps (r.toml:7) and epochs (r.toml:9); "
        + "give only one"),
    .init(
      options: ["training.steps=3", "training.epochs=5"],
      says: "--set training.epochs=5: training has both steps (--set training.steps=3) and epochs "
        + "(--set training.epochs=5); give only one"),
    .init(
      addition: "[objective]\nsigma_data = 0.4\nmeasure_sigma_data = true",
      says: "r.toml:8: objective has both sigma_data (r.toml:7) and measure_sigma_data (r.toml:8); "
        + "give only one"),
    // What has no default.
    .init(
      text: "[network]\nkind = \"mlp\"",
      says: "r.toml: data.source is missing; expected a file or one of "
        + "digits14, digits28, fashion14, emoji16, swissroll, dino, moons, circles, grid, sine, words, drums"
    ),
    .init(
      text: "[data]\nsource = \"dino\"",
      says: "r.toml: network.kind is missing; expected one of \(kinds)"),
    .init(
      text: "[data]\nsource = \"digits15\"\n[network]\nkind = \"unet\"",
      says:
        "r.toml:2: data.source is “digits15”, but there is no such file; expected a file or one "
        + "of digits14, digits28, fashion14, emoji16, swissroll, dino, moons, circles, grid, sine, words, drums"
    ),
    // Types.
    .init(
      addition: "[training]\nbatch = \"many\"",
      says: "r.toml:7: training.batch is “many”; expected a whole number from 1 to 65536"),
    .init(
      addition: "[training]\nbatch = 3.5",
      says: "r.toml:7: training.batch is 3.5; expected a whole number from 1 to 65536"),
    .init(
      addition: "[training]\nbatch = true",
      says: "r.toml:7: training.batch is true; expected a whole number from 1 to 65536"),
    .init(
      addition: "[training]\nbatch = 2026-11-21",
      says: "r.toml:7: training.batch is a date or time; expected a whole number from 1 to 65536"),
    .init(
      addition: "[optimizer.learning_rate]\nbase = 1",
      says: "r.toml:6: optimizer.learning_rate is a table; expected a number above 0 and up to 10"),
    .init(
      addition: "[preview]\nclip = \"yes\"",
      says: "r.toml:7: preview.clip is “yes”; expected true or false"),
    .init(
      addition: "multipliers = [1, 2.5]",
      says: "r.toml:6: network.multipliers is [1, 2.5]; "
        + "expected a list of 1 to 6 whole numbers from 1 to 16"),
    .init(
      addition: "multipliers = []",
      says: "r.toml:6: network.multipliers is []; "
        + "expected a list of 1 to 6 whole numbers from 1 to 16"),
    .init(
      text: "[data]\nsource = \"digits14\"\nclasses = \"3\"\n[network]\nkind = \"unet\"",
      says: "r.toml:3: data.classes is “3”; expected a list of class names, such as [\"3\", \"8\"]"),
    .init(
      text: "[data]\nsource = \"moons\"\nclasses = [\"uper\"]\n[network]\nkind = \"mlp\"",
      says: "r.toml:3: data.classes has “uper”; did you mean upper? the classes of moons are "
        + "upper, lower, or their numbers from 0"),
    .init(
      text: "[data]\nsource = \"moons\"\nclasses = [0,\n 2]\n[network]\nkind = \"mlp\"",
      says: "r.toml:3: data.classes has “2”; the classes of moons are upper, lower, "
        + "or their numbers from 0"),
    .init(
      options: ["data.classes=[\"ship\"]"],
      says: "--set data.classes=[\"ship\"]: data.classes has “ship”; the classes of digits14 are "
        + "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, or their numbers from 0"),
    .init(
      text: "[data]\nsource = \"dino\"\nclasses = [0]\n[network]\nkind = \"mlp\"",
      says: "r.toml:3: data.classes chooses classes, but dino has none"),
    // Before, this was a network that only makes samples.
    .init(
      text: "[data]\nsource = \"none\"\n[network]\nkind = \"mlp\"",
      says:
        "r.toml:2: data.source is “none”, but there is no such file; expected a file or one of "
        + "digits14, digits28, fashion14, emoji16, swissroll, dino, moons, circles, grid, sine, words, drums"
    ),
    .init(
      text: "[data]\nsource = \"\"\n[network]\nkind = \"mlp\"",
      says:
        "r.toml:2: data.source is “”, but there is no such file; expected a file or one of "
        + "digits14, digits28, fashion14, emoji16, swissroll, dino, moons, circles, grid, sine, words, drums"
    ),
    // Ranges.
    .init(
      options: ["training.batch=0"],
      says: "--set training.batch=0: training.batch is “0”; "
        + "expected a whole number from 1 to 65536"),
    .init(
      addition: "[training]\nema = 1",
      says: "r.toml:7: training.ema is 1; expected a number from 0 to below 1"),
    .init(
      addition: "[optimizer]\nlearning_rate = nan",
      says: "r.toml:7: optimizer.learning_rate is nan; expected a number above 0 and up to 10"),
    .init(
      addition: "[training]\nseed = -1",
      says: "r.toml:7: training.seed is -1; expected a whole number from 0 to 9223372036854775807"),
    .init(
      addition: "[schedule]\ntimesteps = 1",
      says: "r.toml:7: schedule.timesteps is 1; expected a whole number from 2 to 10000"),
    .init(
      addition: "[schedule]\nbeta_end = 1.5",
      says: "r.toml:7: schedule.beta_end is 1.5; expected a number from 1e-05 to 0.999"),
    .init(
      addition: "superres = 1",
      says:
        "r.toml:6: network.superres is 1, which enlarges nothing; expected 0, or how many times from 2 on"
    ),
    .init(
      addition: "channels = 30\ngroups = 8",
      says: "r.toml:7: network.groups is 8; expected a divisor of network.channels = 30: "
        + "1, 2, 3, 5, 6, 10, 15, 30"),
    .init(
      addition: "[training]\naccumulate = 0",
      says: "r.toml:7: training.accumulate is 0; expected a whole number from 1 to 1024"),
    .init(
      options: ["preview.guidance=51"],
      says: "--set preview.guidance=51: preview.guidance is “51”; expected a number from 0 to 50"),
    .init(
      addition: "[preview]\nguidance = -1",
      says: "r.toml:7: preview.guidance is -1; expected a number from 0 to 50"),
    .init(
      addition: "[preview]\nclass = true",
      says: "r.toml:7: preview.class is true; expected the name of a class"),
    .init(
      options: ["preview.sampler=ddpm", "preview.eta=0.5"],
      says: "--set preview.eta=0.5: preview.eta does not apply to sampler “ddpm”; [preview] has "
        + "sampler, steps, variance, count, seed, clip, clip_range, threshold, threshold_max, spacing, "
        + "rules, offset, end, timesteps, rho, within, class, prompt, guidance, guidance_rescale, "
        + "guidance_min, guidance_max, interval"),
    .init(
      addition: "[preview]\nsampler = \"ddpm\"\neta = 0.5\nvariance = \"large\"",
      says: "r.toml:9: preview.variance is “large”; expected one of fixed-small, "
        + "fixed-large, learned-range"),
    // Words.
    .init(
      text: "[data]\nsource = \"digits14\"\n[network]\nkind = \"Unet\"",
      says: "r.toml:4: network.kind is “Unet”; expected one of \(kinds)"),
    .init(
      addition: "[schedule]\nfamily = \"quadratic\"",
      says: "r.toml:7: schedule.family is “quadratic”; "
        + "expected one of \(Schedules.names.joined(separator: ", "))"),
    .init(
      addition: "noise = \"none\"",
      says: "r.toml:6: network.noise is “none”; expected one of sigma, timestep"),
    .init(
      options: ["objective.predict=noise"],
      says: "--set objective.predict=noise: objective.predict is “noise”; "
        + "expected one of epsilon, x0, v, score, velocity, edm"),
    // Foreign text.
    .init(
      addition: "[schedule]\nfamily = \"\\u001b[31mred\"",
      says: "r.toml:7: schedule.family is “\\u{1b}[31mred”; "
        + "expected one of \(Schedules.names.joined(separator: ", "))"),
    .init(
      addition: "\u{0}",
      says: "r.toml:6: has a NUL character; expected text"),
  ]

  @Test("names the place, the key and what is allowed", arguments: wrong)
  func saysWhatIsWrong(_ recipe: WrongRecipe) throws {
    let error = try #require(throws: RecipeError.self) {
      let overrides = try recipe.options.map { try RecipeOverride(set: $0) }
      _ = try Recipe(
        recipe.text ?? Self.base + recipe.addition, name: "r", path: "r.toml",
        overrides: overrides)
    }
    #expect(error.description == recipe.says)
  }

  @Test("keys of another source stay where an option chooses that, or where it has moved")
  func otherSource() throws {
    let sound = "[data]\nsource = \"drums\"\nrate = 4000\n[network]\nkind = \"unet\""
    let chosen = try Recipe(
      sound, name: "r", path: "r.toml", overrides: [RecipeOverride(set: "data.source=digits14")])
    #expect(chosen.data.source == "digits14" && chosen.data.sound == nil)
    #expect(try Recipe(sound, name: "r", path: "r.toml").data.value(of: "rate") == .integer(4000))
    let moved = try Recipe(
      sound.replacing("drums", with: "no/such/sounds"), name: "r", path: "r.toml",
      checkingData: false)
    #expect(moved.data.source == "no/such/sounds")
  }

  @Test("a start of the schedule above its end is found in the line that says so")
  func wrongOrder() throws {
    let error = try #require(throws: RecipeError.self) {
      _ = try Recipe(
        Self.base + "[schedule]\nbeta_end = 0.00001", name: "r", path: "r.toml")
    }
    #expect(error.place == "r.toml:7")
    #expect(error.problem.contains("beta_start"))
  }

  @Test(
    "what is no TOML is told with its line", arguments: ["[training", "batch = ", "a = 1\na = 2"])
  func syntax(_ addition: String) throws {
    let error = try #require(throws: RecipeError.self) {
      _ = try Recipe(Self.base + addition, name: "r", path: "r.toml")
    }
    let line = addition.contains("\n") ? 7 : 6
    #expect(error.place == "r.toml:\(line)")
    #expect(error.problem.hasPrefix("is not valid TOML: "))
    #expect(!error.description.contains("\n"))
  }
}

import ArgumentParser
import Diffusion

/// The files of an edit.
struct EditImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The image: noisy, incomplete, small, grey or whole, as the task has it.",
      valueName: "file.png"))
  var image: String?

  @Option(help: ArgumentHelp("The second image of an interpolation.", valueName: "file.png"))
  var to: String?

  @Option(
    help: ArgumentHelp(
      "The image that should come out; without --image what is given is made from it.",
      valueName: "file.png"))
  var truth: String?

  @Option(
    help: ArgumentHelp(
      "The mask of inpaint: white pixels are kept, black ones inpainted.", valueName: "file.png"))
  var mask: String?

  @Option(help: "Where outpaint places the image. (default: center)")
  var place: Place?

  /// Where a smaller image lies.
  enum Place: String, CaseIterable, ExpressibleByArgument {
    case center, left, right, top, bottom
  }

  func validate(for task: EditCommand.Task) throws {
    for (option, path) in [
      ("--image", image), ("--to", to), ("--truth", truth), ("--mask", mask),
    ]
    where path?.isEmpty == true {
      throw ValidationError("\(option): expected a path; this one is empty")
    }
    try refuse("--to", to != nil, task, belongsTo: [.interpolate])
    try refuse("--mask", mask != nil, task, belongsTo: [.inpaint])
    try refuse("--place", place != nil, task, belongsTo: [.outpaint])
    try refuse(
      "--truth", truth != nil, task,
      belongsTo: [.denoise, .inpaint, .outpaint, .superres, .colorize])
    let needed: [(String, Bool)] =
      switch task {
      case .denoise, .superres, .colorize: [("--image or --truth", image ?? truth != nil)]
      case .inpaint: [("--image or --truth", image ?? truth != nil), ("--mask", mask != nil)]
      case .outpaint, .img2img: [("--image", image != nil)]
      case .interpolate: [("--image", image != nil), ("--to", to != nil)]
      }
    if let missing = needed.first(where: { !$0.1 }) {
      throw ValidationError("--task \(task.rawValue): needs \(missing.0)")
    }
  }
}

/// How an edit is done.
struct EditStrengthOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The standard deviation of the noise that denoise removes, in units where images span 2; by default estimated.",
      valueName: "σ"))
  var noiseLevel: Double?

  @Option(
    parsing: .unconditional,
    help: "How much img2img changes: the share of the steps, above 0 and up to 1. (default: 0.5)")
  var strength: Double?

  @Option(
    parsing: .unconditional, help: "How many times larger superres makes an image. (default: 2)")
  var factor: Int?

  @Option(
    parsing: .unconditional,
    help: "How strongly superres and colorize follow what is given, ζ. (default: 1)")
  var zeta: Double?

  @Option(
    parsing: .unconditional,
    help:
      "How often inpaint and outpaint take each stretch of steps; 1 is plain replacement. (default: 10)"
  )
  var resamplings: Int?

  @Option(
    parsing: .unconditional, help: "The steps that a jump of RePaint goes back. (default: 10)")
  var jumpLength: Int?

  func validate(for task: EditCommand.Task) throws {
    try refuse("--noise-level", noiseLevel != nil, task, belongsTo: [.denoise])
    try refuse("--strength", strength != nil, task, belongsTo: [.img2img])
    try refuse("--factor", factor != nil, task, belongsTo: [.superres])
    try refuse("--zeta", zeta != nil, task, belongsTo: [.superres, .colorize])
    try refuse("--resamplings", resamplings != nil, task, belongsTo: [.inpaint, .outpaint])
    try refuse("--jump-length", jumpLength != nil, task, belongsTo: [.inpaint, .outpaint])
    try check("--factor", factor, in: 2...64)
    try check("--resamplings", resamplings, in: 1...1000)
    try check("--jump-length", jumpLength, in: 1...10_000)
    try check("--strength", strength, in: Interval(above: 0, upTo: 1))
    try check("--noise-level", noiseLevel, in: Interval(above: 0, upTo: 1_000_000))
    try check("--zeta", zeta, in: Interval(0...1000))
  }

  var repaint: RePaint {
    RePaint(jumpLength: jumpLength ?? 10, resamplings: resamplings ?? 10)
  }
}

/// Refuses an option with a task that does not use it.
private func refuse(
  _ option: String, _ isGiven: Bool, _ task: EditCommand.Task, belongsTo tasks: [EditCommand.Task]
) throws {
  guard isGiven, !tasks.contains(task) else { return }
  let names = tasks.map(\.rawValue).joined(separator: ", ")
  throw ValidationError(
    "\(option): only applies to \(names), not to \(task.rawValue); leave it out")
}

/// Refuses the value of an option outside an interval.
private func check(_ option: String, _ value: Double?, in interval: Interval) throws {
  guard let value, !interval.contains(value) else { return }
  throw ValidationError("\(option) \(Wording.short(value)): expected a number \(interval)")
}

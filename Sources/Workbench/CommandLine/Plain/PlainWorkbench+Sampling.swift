import Diffusion
import TUI

/// Samples, frame by frame, and the two sides of A/B.
extension PlainWorkbench {
  static let samplingCommands: [PlainCommand] = [
    PlainCommand("Sampling", "sample", help: "draw samples from the current weights") { plain, _ in
      try plain.drawSamples { $0.act(.sample) }
    },
    PlainCommand("Sampling", "noise", help: "draw samples from new noise") { plain, _ in
      try plain.drawSamples { $0.act(.newNoise) }
    },
    PlainCommand(
      "Sampling", "frames", arguments: "[COUNT]",
      help: "describe so many frames on the way from x_T to x_0, 10 by default"
    ) { plain, words in
      let denoise = try plain.sampledScreen()
      let count = try plain.count(words.first, among: 1...1000, standard: 10)
      let last = denoise.recording.count - 1
      for index in Set(evenPlaces(min(count, last + 1), through: last)).sorted() {
        plain.describe(try denoise.recording.frame(at: index))
      }
    },
    PlainCommand(
      "Sampling", "frame", arguments: "N|next|previous|first|last",
      help: "go to a frame and describe it"
    ) { plain, words in try plain.goToFrame(words.first) },
    PlainCommand(
      "Sampling", "show", arguments: "[SAMPLE] [x_t|x_0]",
      help: "show a sample of this frame as characters or numbers, x_t by default"
    ) { plain, words in try plain.show(words) },
    PlainCommand(
      "Sampling", "describe", arguments: "[SAMPLE]",
      help: "describe a sample of this frame by numbers, with the training sample nearest to it"
    ) { plain, words in try plain.describeSample(words.first) },
    PlainCommand(
      "Sampling", "weights", arguments: "averaged|raw",
      help: "sample with the averaged or the raw weights"
    ) { plain, words in try plain.chooseWeights(words.first) },
    PlainCommand("Sampling", "export", help: "write the samples of this frame as PNG") { plain, _ in
      _ = try plain.sampledScreen()
      plain.turn(to: DenoiseScreen.title)
      plain.act(.export)
    },
    PlainCommand(
      "Sampling", "ab", arguments: "[COUNT]",
      help:
        "draw the samples of A and B from the same noise, and say how far apart their trajectories are"
    ) { plain, words in try plain.compareSides(words.first) },
    PlainCommand("Sampling", "swap", help: "swap the sides A and B") { plain, _ in
      plain.turn(to: ABScreen.title)
      plain.act(ABScreen.own(ABScreen.Command.swap))
    },
  ]

  // MARK: Drawing samples

  private var denoise: DenoiseScreen? { screen(DenoiseScreen.self) }

  /// The number of the newest request for samples.
  var denoiseRequest: Int { denoise?.requestNumber ?? 0 }

  private mutating func drawSamples(_ body: (inout PlainWorkbench) -> Void) throws {
    guard session.phase != .idle else { throw PlainProblem("there is nothing to sample yet") }
    let before = denoiseRequest
    turn(to: DenoiseScreen.title)
    body(&self)
    awaitSamples(after: before)
  }

  /// Waits until the samples are there that were asked for, and says what they are.
  mutating func awaitSamples(after number: Int = -1) {
    wait = Wait(until: { plain in
      guard let denoise = plain.denoise, denoise.requestNumber > number else {
        return plain.session.phase == .stopped && plain.session.model == nil
      }
      return denoise.isComplete || denoise.problem != nil
    }).then { $0.saySamples() }
  }

  private mutating func saySamples() {
    guard let denoise else { return }
    if let problem = denoise.problem { return say(problem) }
    guard denoise.recording.count > 0 else { return say("no samples were drawn") }
    with(DenoiseScreen.self) { denoise, _ in
      denoise.scrub(to: denoise.recording.count - 1)
      return []
    }
    let sampling = session.sampling
    say(
      "\(Wording.count(sampling.count, "sample")) in \(Wording.count(denoise.recording.count, "frame")) with "
        + "\(sampling.sampler.name), \(Wording.count(sampling.steps, "step")), seed \(sampling.seed), "
        + denoise.weightsText(session))
    if let frame = self.denoise?.frame { describe(frame) }
  }

  /// The Denoise screen, where it has samples.
  private func sampledScreen() throws -> DenoiseScreen {
    guard let denoise, denoise.recording.count > 0 else {
      throw PlainProblem("no samples yet; sample draws some")
    }
    return denoise
  }

  private mutating func chooseWeights(_ word: String?) throws {
    guard let word, ["averaged", "raw"].contains(word) else {
      throw PlainProblem("weights: expected averaged or raw")
    }
    guard denoise?.usesRaw != (word == "raw") else { return say("these are the \(word) weights") }
    guard word == "averaged" || session.hasRawWeights else {
      throw PlainProblem("this model has only averaged weights")
    }
    try drawSamples { $0.act(DenoiseScreen.own(DenoiseScreen.Command.weights)) }
  }

  // MARK: Frames

  private mutating func goToFrame(_ word: String?) throws {
    let denoise = try sampledScreen()
    let last = denoise.recording.count - 1
    let index: Int
    switch word?.lowercased() {
    case nil: index = denoise.frameIndex
    case "next", "+": index = min(denoise.frameIndex + 1, last)
    case "previous", "-": index = max(denoise.frameIndex - 1, 0)
    case "first": index = 0
    case "last": index = last
    default:
      guard let number = word.flatMap({ Int($0) }), (0...last).contains(number) else {
        throw PlainProblem(
          "frame: expected a number from 0 to \(last), next, previous, first or last")
      }
      index = number
    }
    with(DenoiseScreen.self) { denoise, _ in
      denoise.scrub(to: index)
      return []
    }
    if let frame = self.denoise?.frame { describe(frame) }
  }

  /// Says what the numbers of a frame are.
  mutating func describe(_ frame: Frame) {
    if let text = session.format?.text {
      let amount =
        text.encoding == .tokens
        ? "\(SampleMeasures.percent(frame.maskedShare(text))) masked"
        : "sigma/alpha \(Numbers.short(frame.level.sigmaOverAlpha))"
      say("frame \(frame.index) of \(frame.frameCount - 1): \(amount)")
      for sample in frame.samples.prefix(16) { say("  " + Wording.escaped(text.text(sample))) }
      return
    }
    let level = frame.level
    let place = frame.timestep < 0 ? "no noise" : "t \(Numbers.short(frame.timestep))"
    say(
      "frame \(frame.index) of \(frame.frameCount - 1): \(place), \(frame.measures.spoken(level)), "
        + "SNR \(Self.decibels(level)); x_t "
        + "\(Self.summary(frame.x)); predicted x_0 \(Self.summary(frame.x0)); changed by "
        + "\(Numbers.short(frame.rmsChange, significant: 3)) (RMS); "
        + "\(Numbers.fixed(100 * frame.outOfRangeFraction, 0)) % of x_0 outside the data's range"
        + (frame.isFinite ? "" : "; not all values are finite"))
  }

  /// The signal-to-noise ratio in words that can be read out.
  static func decibels(_ level: NoiseLevel) -> String {
    let value = level.snrDecibels
    return value.isFinite ? "\(Numbers.fixed(value, 1)) dB" : value > 0 ? "infinite" : "zero"
  }

  /// The distribution of some numbers in a few words.
  static func summary(_ values: [Float]) -> String {
    guard !values.isEmpty else { return "empty" }
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    func text(_ value: Double) -> String { Numbers.short(value, significant: 3) }
    return "mean \(text(mean)), standard deviation \(text(variance.squareRoot())), from "
      + "\(text(Double(values.min() ?? 0))) to \(text(Double(values.max() ?? 0)))"
  }

  // MARK: One sample

  private func sample(_ word: String?, of frame: Frame) throws -> Int {
    try count(word, among: 1...frame.shape.batch, standard: 1) - 1
  }

  private mutating func show(_ words: [String]) throws {
    let denoise = try sampledScreen()
    guard let frame = denoise.frame, let format = session.format else { return }
    let views = ["x_t", "x_0"]
    let view = words.first { views.contains($0.lowercased()) }?.lowercased() ?? "x_t"
    let index = try sample(words.first { !views.contains($0.lowercased()) }, of: frame)
    let values = frame.shape.sample(index, of: view == "x_t" ? frame.x : frame.x0)
    say("sample \(index + 1) of \(frame.shape.batch), \(view) at frame \(frame.index):")
    for line in Self.lines(values, format) { say(line) }
  }

  /// A sample in characters: an image by the brightness of its pixels, anything else by its numbers.
  static func lines(_ values: [Float], _ format: SampleFormat) -> [String] {
    switch format.kind {
    case .points:
      return ["(\(values.map { Numbers.fixed(Double($0), 3) }.joined(separator: ", ")))"]
    case .signal where format.sound != nil:
      return format.sound.map { lines(ofSound: values, $0) } ?? []
    case .signal:
      return stride(from: 0, to: values.count, by: 8).map { start in
        "\(start): "
          + values[start..<min(start + 8, values.count)].map { Numbers.fixed(Double($0), 2) }
          .joined(separator: ", ")
      }
    case .text: return [Wording.escaped(format.text?.text(values) ?? "")]
    case .image:
      let image = PixelImage(values, sample: 0, shape: format.shape, range: format.range)
      var surface = Surface(
        Size(format.shape.width, (format.shape.height + 1) / 2), symbols: .ascii)
      ImagePainter(style: .ascii, theme: Theme.dark.adapted(to: .monochrome)).draw(
        image, scale: .actual, x: 0, y: 0, on: &surface)
      return surface.lines
    }
  }

  /// The spectrogram of a waveform in characters.
  private static func lines(ofSound values: [Float], _ sound: SoundFormat) -> [String] {
    let form = MelSpectrogram.shown(sound)
    return lines(
      MelSpectrogram.Maker(form).image(of: values),
      SampleFormat(kind: .image, shape: form.shape(values.count), range: -1...1))
  }

  private mutating func describeSample(_ word: String?) throws {
    let denoise = try sampledScreen()
    guard let frame = denoise.frame else { return }
    let index = try sample(word, of: frame)
    let x0 = frame.shape.sample(index, of: frame.x0)
    if let text = session.format?.text {
      let x = frame.shape.sample(index, of: frame.x)
      say("sample \(index + 1) at frame \(frame.index): \(Wording.escaped(text.text(x)))")
      return say("predicted x_0: \(Wording.escaped(text.text(x0)))")
    }
    say(
      "sample \(index + 1) at frame \(frame.index): x_t \(Self.summary(frame.shape.sample(index, of: frame.x)))"
    )
    say("predicted x_0 \(Self.summary(x0))")
    guard let data = session.dataset, let neighbor = session.nearest(to: x0) else { return }
    let label = data.labels.map { ", class \(data.classNames[$0[neighbor.index]])" } ?? ""
    let distance = neighbor.distance / Double(x0.count).squareRoot()
    say(
      "nearest training sample: number \(Numbers.grouped(neighbor.index + 1))\(label), RMS "
        + "\(Numbers.short(distance, significant: 3)) from predicted x_0")
  }

  // MARK: A and B

  private var sides: ABScreen? { screen(ABScreen.self) }

  /// The numbers of the newest requests of both sides.
  var abRequests: [Int] { sides?.sides.map(\.requestNumber) ?? [] }

  private mutating func compareSides(_ word: String?) throws {
    guard session.phase != .idle else { throw PlainProblem("there is nothing to sample yet") }
    let count = try count(word, among: 1...240, standard: 8)
    let before = abRequests
    turn(to: ABScreen.title)
    if before.allSatisfy({ $0 == 0 }) { act(.show(ABScreen.title)) } else { act(.sample) }
    awaitSides(after: before, count)
  }

  /// Waits until both sides are drawn, and says how far they are apart.
  mutating func awaitSides(after before: [Int]? = nil, _ count: Int = 8) {
    wait = Wait(until: { plain in
      guard let ab = plain.sides, plain.session.phase != .stopped || plain.session.model != nil
      else {
        return true
      }
      return before.map { $0 != plain.abRequests } ?? true
        && ab.sides.allSatisfy {
          $0.problem != nil || $0.requestNumber > 0 && $0.recording.count >= $0.ratios.count
        }
    }).then { $0.sayDifference(count) }
  }

  private mutating func sayDifference(_ count: Int) {
    guard let ab = sides else { return }
    for (side, name) in zip(ab.sides, ABScreen.names) {
      let schedule = ab.schedule(of: side, session).name
      say(
        side.problem.map { "\(name): \($0)" }
          ?? "\(name): \(side.sampling.sampler.name), \(Wording.count(side.sampling.steps, "step")), "
          + "seed \(side.sampling.seed), \(schedule) schedule, weights of step "
          + Numbers.grouped(side.weightsStep))
    }
    let points = ab.difference.points
    guard !points.isEmpty else { return }
    for index in Set(evenPlaces(min(count, points.count), through: points.count - 1)).sorted() {
      let point = points[index]
      let measures = session.measures
      let level = measures.spoken(sigmaOverAlpha: ab.lockstep.ratios[point.place])
      guard !measures.isText else {
        say(
          "\(level): \(SampleMeasures.percent(point.x)) of x_t differ, "
            + "\(SampleMeasures.percent(point.x0)) of predicted x_0")
        continue
      }
      say(
        "\(level): x_t differ by RMS \(Numbers.short(point.x, significant: 3)), predicted x_0 by "
          + Numbers.short(point.x0, significant: 3))
    }
  }
}

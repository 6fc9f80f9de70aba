import Foundation
import Testing

@testable import Diffusion

/// The four-letter words of the list, and the exact denoiser of that language.
@Suite("Samplers of text with the exact denoiser")
struct TextSamplerTests {
  /// All of them in full; a part of them in the suite.
  static let words: [String] = {
    let data = BuiltInData.words.make()
    let all = (0..<data.count).compactMap { index -> String? in
      let word = data.text?.text(data[index]) ?? ""
      return word.utf8.count == 4 ? word : nil
    }
    return Bars.areFull
      ? all : all.enumerated().filter { $0.offset.isMultiple(of: 20) }.map(\.element)
  }()
  static let language: Dataset = {
    var options = TextOptions()
    (options.window, options.isLines) = (4, true)
    let bytes = Array(words.joined(separator: "\n").utf8)
    guard let set = try? TextFile.dataset(name: "four", path: "four", bytes: bytes, options) else {
      fatalError("the words are no text")
    }
    return set
  }()
  static let denoiser = ExactTextDenoiser(language)

  static func samples(
    _ sampler: any Sampler, count: Int, prompt: String = "", curve: MaskingSchedule.Curve = .linear
  ) throws -> [String] {
    let frame = try trajectory(sampler, count: count, prompt: prompt, curve: curve).finish()
    let text = try #require(language.text)
    return frame.samples.map { text.text($0) }
  }

  private static func trajectory(
    _ sampler: any Sampler, count: Int, prompt: String, curve: MaskingSchedule.Curve = .linear
  ) throws -> Trajectory {
    var family = MaskingSchedule()
    family.curve = curve
    var sampling = SamplingConfiguration(sampler, seed: 3, count: count)
    sampling.prompt = prompt
    return Trajectory(
      sampling, TrajectoryPlan(sampling.makeMoves(family.make())),
      from: try language.format.start(sampling), dataRange: language.range, denoiser: denoiser,
      noise: NoiseSource(seed: 3, samples: 0..<count))
  }

  private static func nonWords(_ samples: [String]) -> Double {
    let known = Set(words)
    return Double(samples.count { !known.contains($0) }) / Double(samples.count)
  }

  @Test("first hitting draws the words as often as they are in the language", arguments: [4, 2])
  func distribution(_ steps: Int) throws {
    let count = Bars.areFull ? 25_000 : 3000
    let samples = try Self.samples(FirstHitting(steps: steps), count: count)
    var counts: [String: Int] = [:]
    for sample in samples { counts[sample, default: 0] += 1 }
    #expect(counts.keys.allSatisfy(Set(Self.words).contains))
    let expected = Double(count) / Double(Self.words.count)
    let statistic = Self.words.reduce(0.0) { sum, word in
      let difference = Double(counts[word, default: 0]) - expected
      return sum + difference * difference / expected
    }
    let p = chiSquaredProbability(statistic, degrees: Self.words.count - 1)
    #expect(p > 0.001, "χ² = \(statistic) for \(Self.words.count) words")
    Bars.report(
      "first-hitting in \(steps) frames | χ² = \(statistic), p = \(p), expected above 0.001")
  }

  @Test("parallel samplers make fewer non-words in more steps")
  func nonWords() throws {
    let count = Bars.areFull ? 5000 : 500
    let samplers: [(Int) -> any Sampler] = [
      { MaskedAncestral(steps: $0) }, { ConfidenceUnmasking(steps: $0) },
    ]
    for make in samplers {
      let steps = [1, 2, 4, 64]
      let shares = try steps.map { Self.nonWords(try Self.samples(make($0), count: count)) }
      let name = type(of: make(1)).name
      #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 >= $1 }, "\(name): \(shares)")
      #expect(shares[0] > 0.5 && shares[3] < 0.15, "\(name): \(shares)")
      for (steps, share) in zip(steps, shares) {
        Bars.report("\(name) in \(steps) steps | \(share) non-words, expected to fall")
      }
    }
  }

  @Test("a prompt stays as it is, before, between and after what is written")
  func prompts() throws {
    let samplers: [any Sampler] = [
      FirstHitting(steps: 4), MaskedAncestral(steps: 8, remasking: 0.5),
      ConfidenceUnmasking(steps: 4, remasking: 0.5), ConfidenceUnmasking(steps: 3, threshold: 0.9),
    ]
    let word = Array(Self.words[1])
    for sampler in samplers {
      for held in [[0], [3], [1, 2], [0, 1, 2, 3]] {
        let prompt = String(word.indices.map { held.contains($0) ? word[$0] : "_" })
        let samples = try Self.samples(sampler, count: 20, prompt: prompt)
        for sample in samples {
          let letters = Array(sample)
          #expect(letters.count == 4 && held.allSatisfy { letters[$0] == word[$0] }, "\(sample)")
        }
      }
    }
  }

  @Test(
    "a trajectory resumed at any frame goes on bit for bit, and samples do not depend on the batch")
  func resuming() throws {
    for sampler in [
      MaskedAncestral(steps: 6, remasking: 0.3), ConfidenceUnmasking(steps: 5, remasking: 0.3),
    ]
      as [any Sampler]
    {
      let frames = Array(try Self.trajectory(sampler, count: 6, prompt: ""))
      var sampling = SamplingConfiguration(sampler, seed: 3, count: 6)
      sampling.prompt = ""
      let resumed = Trajectory(
        sampling, TrajectoryPlan(sampling.makeMoves(MaskingSchedule().make())),
        from: try Self.language.format.start(sampling), dataRange: Self.language.range,
        denoiser: Self.denoiser, noise: NoiseSource(seed: 3, samples: 0..<6), resuming: frames[2])
      #expect(Array(resumed).map(\.x) == frames[2...].map(\.x))
      let fewer = try Self.trajectory(sampler, count: 2, prompt: "").finish()
      #expect(Array(frames[frames.count - 1].x.prefix(8)) == fewer.x)
    }
  }

  @Test(
    "frames say how sure the denoiser was: of what was given, of what was revealed, of what it predicts"
  )
  func confidence() throws {
    let frames = Array(try Self.trajectory(FirstHitting(steps: 4), count: 3, prompt: "_a"))
    let mask = Float(try #require(Self.language.text).mask)
    for frame in frames {
      #expect(frame.confidence.count == frame.x.count)
      #expect(frame.confidence.allSatisfy { $0 > 0 && $0 <= 1 })
      #expect(frame.confidence[1] == 1)
      #expect(frame.x0.allSatisfy { $0 < mask })
    }
    #expect(frames.map { $0.x.count { $0 == mask } } == [9, 6, 3, 3, 0])
  }

  @Test("with temperature 0 the most likely letters are taken")
  func temperature() throws {
    let cold = try Self.samples(FirstHitting(steps: 4, temperature: 0), count: 200)
    let warm = try Self.samples(FirstHitting(steps: 4), count: 200)
    #expect(Set(cold).count < Set(warm).count)
  }
}

/// How likely a χ² variable of so many degrees of freedom is at least this: Wilson and Hilferty 1931.
private func chiSquaredProbability(_ statistic: Double, degrees: Int) -> Double {
  let variance = 2 / (9 * Double(degrees))
  let z = (pow(statistic / Double(degrees), 1.0 / 3) - (1 - variance)) / variance.squareRoot()
  return 0.5 * erfc(z / 2.0.squareRoot())
}

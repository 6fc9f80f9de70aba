import Diffusion
import TUI

/// The network and the data, as the Inside screen has them.
extension PlainWorkbench {
  static let insideCommands: [PlainCommand] = [
    PlainCommand(
      "Inside", "network", help: "list the network's layers with their outputs and parameters"
    ) { plain, _ in try plain.sayNetwork() },
    PlainCommand(
      "Inside", "layer", arguments: "N [SIGMA]",
      help: "describe what a layer computes for the selected sample (set inside.sample) at a noise "
        + "level sigma/alpha, 1 by default"
    ) { plain, words in try plain.sayLayer(words) },
    PlainCommand(
      "Inside", "data", arguments: "[N]",
      help: "describe the training data, or a training sample with those nearest to it"
    ) { plain, words in try plain.sayData(words.first) },
  ]

  private func model() throws -> Model {
    guard let model = session.model else { throw PlainProblem("there are no weights yet") }
    return model
  }

  private mutating func sayNetwork() throws {
    let summary = try model().network.summary()
    for (index, row) in summary.rows.enumerated() {
      let count = row.parameters.total
      say(
        "layer \(index + 1): \(row.kind), output \(row.output.title)"
          + (count > 0 ? ", \(Numbers.grouped(count)) parameters, \(row.name)" : ""))
    }
  }

  private mutating func sayLayer(_ words: [String]) throws {
    let model = try model()
    let rows = model.network.summary().rows
    guard let word = words.first else { throw PlainProblem("layer: expected its number") }
    let index = try count(word, among: 1...rows.count, standard: 1) - 1
    let ratio = words.count > 1 ? Double(words[1]) ?? .nan : 1
    guard ratio > 0, ratio.isFinite else {
      throw PlainProblem("\(Wording.quoted(words[1])): expected a noise level above 0")
    }
    with(InsideScreen.self) { inside, _ in
      inside.level = (ratio, 0)
      return []
    }
    guard let sample = screen(InsideScreen.self)?.sample(session),
      sample.x.count == model.network.sampleShape.count
    else { throw PlainProblem("there is no sample to look at") }
    guard sample.step.level.sigma > 0 else {
      throw PlainProblem("no noise is left: the network is not evaluated")
    }
    let key = LayerCapture.Key(
      session: session.number, weights: model.step, layer: index, source: sample.source,
      step: sample.step)
    guard let capture = LayerCapture(key, of: model, sample) else {
      throw PlainProblem("layer \(index + 1) has no output to show")
    }
    let output = capture.output
    say(
      "layer \(index + 1), \(rows[index].kind), at \(session.measures.spoken(sample.step.level)), "
        + "weights of step \(Numbers.grouped(model.step)): \(output.shape.title), "
        + Self.summary(output.values))
    guard output.shape.height * output.shape.width > 1 else { return }
    for channel in 0..<output.shape.channels {
      let values = stride(from: channel, to: output.values.count, by: output.shape.channels)
        .map { output.values[$0] }
      say("channel \(channel + 1): \(Self.summary(values))")
    }
  }

  private mutating func sayText(_ word: String?, _ dataset: Dataset) throws {
    guard let text = dataset.text else { return }
    guard word != nil else {
      return say(
        "\(session.recipe.data.source): \(Numbers.grouped(dataset.count)) texts of "
          + "\(dataset.shape.width) \(text.unit.rawValue), alphabet of \(Numbers.grouped(text.vocabulary)): "
          + text.alphabetInWords)
    }
    let index = try count(word, among: 1...dataset.count, standard: 1) - 1
    say("training sample \(index + 1): \(Wording.escaped(text.text(dataset.sample(at: index))))")
  }

  private mutating func sayData(_ word: String?) throws {
    guard let dataset = session.dataset else {
      throw PlainProblem("there is no training data here")
    }
    guard dataset.text == nil else { return try sayText(word, dataset) }
    guard word != nil else {
      let statistics = DataStatistics(of: dataset, session: session.number)
      say(
        "\(session.recipe.data.source): \(Numbers.grouped(dataset.count)) samples of "
          + "\(dataset.shape.title), mean \(Numbers.compact(statistics.mean)), "
          + "standard deviation \(Numbers.compact(statistics.standardDeviation)), from "
          + "\(Numbers.compact(statistics.range.lowerBound)) to "
          + Numbers.compact(statistics.range.upperBound))
      for (name, count) in zip(dataset.classNames, statistics.classCounts) {
        say("class \(name): \(Numbers.grouped(count)) samples")
      }
      return
    }
    let index = try count(word, among: 1...dataset.count, standard: 1) - 1
    let label = dataset.labels.map { ", class \(dataset.classNames[$0[index]])" } ?? ""
    say("training sample \(index + 1)\(label): \(Self.summary(dataset.sample(at: index)))")
    let root = Double(dataset.shape.sampleCount).squareRoot()
    let nearest = dataset.nearest(to: dataset.sample(at: index), count: 5, excluding: index)
    for neighbor in nearest {
      let label = dataset.labels.map { ", class \(dataset.classNames[$0[neighbor.index]])" } ?? ""
      say(
        "training sample \(neighbor.index + 1)\(label), RMS "
          + Numbers.short(neighbor.distance / root, significant: 3))
    }
  }
}

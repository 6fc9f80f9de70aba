/// The noise-conditional score network.
package struct NCSNConfiguration: Architecture {
  package static let name = "ncsn"
  package static let meaning =
    "the noise-conditional score network: a RefineNet for a few noise levels"
  package static let exampleShape = Shape(1, 32, 32, 3)

  /// Channels of the first level, 128 in the original; all others have twice as many.
  package var channels: Int
  /// The number of noise levels it knows; the place in the schedule's list is the class.
  package var noiseLevels: Int

  /// The network, by default for 10 noise levels.
  package init(channels: Int = 128, noiseLevels: Int = 10) {
    self.channels = channels
    self.noiseLevels = noiseLevels
  }

  package init() { self.init(channels: 128) }

  package static let table: [Setting<Self>] = [
    .integer(
      \.channels, "channels", 2...512,
      "channels of the first level; all others have twice as many"),
    .integer(
      \.noiseLevels, "noise_levels", 1...1000,
      "number of noise levels it is conditioned on; the schedule may not have more"),
  ]

  package func expectation(unmetBy s: Shape) -> String? {
    s.height > 1 && s.height.isMultiple(of: 2) && s.width.isMultiple(of: 2)
      ? nil : "images of even height and width"
  }

  package func makeNetwork(for sampleShape: Shape) -> Network { .ncsn(sampleShape, self) }
}

extension Network {
  /// The noise-conditional score network: a RefineNet whose every norm knows the class of sigma.
  ///
  /// ```
  /// x ─ begin ─ res1 ─ ↓ res2 ─ res3 (dilated 2) ─ res4 (dilated 4)
  ///              │       │        │                  │
  ///   end ─ refine4 ─ refine3 ─ refine2 ───────── refine1
  /// ```
  ///
  /// Names as in its authors' `CondRefineNetDilated`. It takes images of even sides in [0, 1].
  ///
  /// Source: Song and Ermon 2019, <https://arxiv.org/abs/1907.05600>.
  package static func ncsn(_ sampleShape: Shape, _ configuration: NCSNConfiguration) -> Network {
    var table = ParameterTable()
    let (data, narrow) = (sampleShape.channels, configuration.channels)
    let wide = 2 * narrow
    var parts = RefineNetParts(classes: configuration.noiseLevels, table: table)
    let begin = parts.convolution(data, narrow, "begin_conv")
    let norm = parts.norm(narrow, "normalizer")
    let end = parts.convolution(narrow, data, "end_conv")
    let levels = [(narrow, narrow, 1), (narrow, wide, 1), (wide, wide, 2), (wide, wide, 4)]
    let stages: [any Layer] = levels.enumerated().map { index, level in
      let (input, output, dilation) = level
      let name = "res\(index + 1)"
      return Sequential([
        parts.residual(input, output, dilation, halves: index > 0, name + ".0"),
        parts.residual(output, output, dilation, halves: false, name + ".1"),
      ])
    }
    let refinements = [
      parts.refinement([wide], wide, units: 1, "refine1"),
      parts.refinement([wide, wide], wide, units: 1, "refine2"),
      parts.refinement([wide, wide], narrow, units: 1, "refine3"),
      parts.refinement([narrow, narrow], narrow, units: 3, "refine4"),
    ]
    table = parts.table
    table.arrange(
      by: ["begin_conv", "normalizer", "end_conv", "res"]
        + (1...4).flatMap { number in
          ["adapt_convs", "output_convs", "msf.convs", "msf.norms", "crp.convs", "crp.norms"]
            .map { "refine\(number).\($0)" }
        })

    let body = Sequential {
      Affine(scale: 2, shift: -1)
      begin
      RefineNet(stages: stages, refinements: refinements)
      norm
      ELU()
      end
    }
    return Network(
      name: "ncsn", sampleShape: sampleShape, noiseInput: .timestep,
      timestepLimit: configuration.noiseLevels, table: table, body: body)
  }
}

/// Stages down, and a refinement for each on the way back, which takes the stage's output and what
/// came from below.
private struct RefineNet: Layer {
  let stages: [any Layer]
  let refinements: [Refinement]

  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    var outputs: [Tensor] = []
    for stage in stages { outputs.append(stage.run(outputs.last ?? x, pass)) }
    var h: Tensor?
    for refinement in refinements {
      h = refinement.forward([outputs.removeLast()] + (h.map { [$0] } ?? []), pass)
    }
    return h ?? x
  }

  func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    // From the first stage to the last: what each refinement says of its stage's output.
    var fromRefinements: [Tensor] = []
    var g = dy
    for refinement in refinements.reversed() {
      let inputs = refinement.backward(g, pass)
      fromRefinements.append(inputs[0])
      g = inputs[inputs.count - 1]
    }
    var dx = fromRefinements.removeLast()
    for (index, stage) in stages.enumerated().reversed() {
      dx = stage.runBackward(dx, pass)
      if index > 0 { dx = sum(dx, fromRefinements.removeLast(), pass) }
    }
    return dx
  }
}

/// Units for each input, a sum of all at the first one's size, then pooling and units.
struct Refinement: Sendable {
  let adapt: [any Layer]
  /// A norm and a convolution for each input; none where there is one input.
  let fuse: [any Layer]
  let tail: Sequential

  func forward(_ inputs: [Tensor], _ pass: Pass) -> Tensor {
    let adapted = zip(adapt, inputs).map { $0.run($1, pass) }
    guard !fuse.isEmpty else { return tail.run(adapted[0], pass) }
    let size = inputs[0].shape
    var total: Tensor?
    for (layer, x) in zip(fuse, adapted) {
      let h = layer.run(x, pass)
      pass.save(h.shape)
      let fitted = Bilinear(h.shape, height: size.height, width: size.width).forward(h, pass)
      total = total.map { sum($0, fitted, pass) } ?? fitted
    }
    return tail.run(total ?? adapted[0], pass)
  }

  /// The gradients of all inputs.
  func backward(_ dy: Tensor, _ pass: Pass) -> [Tensor] {
    let g = tail.runBackward(dy, pass)
    let toAdapted = fuse.reversed().map { layer in
      let shape = pass.restoreShape()
      let fitted = Bilinear(shape, height: g.shape.height, width: g.shape.width)
      return layer.runBackward(fitted.backward(g, pass), pass)
    }
    let gradients = toAdapted.isEmpty ? [g] : toAdapted
    return Array(zip(adapt.reversed(), gradients).map { $0.runBackward($1, pass) }.reversed())
  }
}

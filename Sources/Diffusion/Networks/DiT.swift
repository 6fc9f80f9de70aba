internal import Platform

/// smalldiffusion's diffusion transformer.
public struct DiTConfiguration: Architecture {
  public static let name = "dit"
  public static let meaning = "smalldiffusion's diffusion transformer: patches as tokens"

  /// The side of the square patches that become tokens.
  public var patch: Int
  /// The number of blocks.
  public var depth: Int
  /// Channels per head.
  public var headChannels: Int
  /// Heads of every attention layer.
  public var heads: Int
  /// The number of classes it is conditioned on, 0 for none.
  public var classes: Int
  /// Whether it also predicts the variance of reverse steps, as in the original.
  public var learnsVariance = false

  /// The transformer, by default as in smalldiffusion.
  public init(
    patch: Int = 2, depth: Int = 6, headChannels: Int = 32, heads: Int = 6, classes: Int = 0
  ) {
    self.patch = patch
    self.depth = depth
    self.headChannels = headChannels
    self.heads = heads
    self.classes = classes
  }

  /// Channels per token.
  public var width: Int { headChannels * heads }

  public init() { self.init(patch: 2) }

  public static let table: [Setting<Self>] = [
    .integer(
      \.patch, "patch", 1...64,
      "patch size; must divide the image size"),
    .integer(\.depth, "depth", 1...64, "transformer blocks"),
    .integer(\.headChannels, "head_channels", 1...512, "channels per attention head"),
    .integer(
      \.heads, "heads", 1...64,
      "attention heads; heads × head_channels must be a multiple of 4"),
    .classes(\.classes), .learnsVariance(\.learnsVariance),
  ]

  public var conflict: SettingConflict? {
    guard !width.isMultiple(of: 4) else { return nil }
    return SettingConflict(
      ["head_channels", "heads"],
      "network.heads · network.head_channels is \(width); expected a multiple of 4")
  }

  public func expectation(unmetBy sampleShape: Shape) -> String? {
    sampleShape.height == sampleShape.width && sampleShape.height.isMultiple(of: patch)
      ? nil : "square images whose size is a multiple of network.patch = \(patch)"
  }

  public func makeNetwork(for sampleShape: Shape) -> Network { .dit(sampleShape, self) }
}

extension Network {
  /// smalldiffusion's `DiT`: patches as tokens, blocks of attention and a perceptron, each scaled,
  /// shifted and gated by the noise level.
  ///
  /// With the default hyperparameters and grey images of 28×28 it has 4,149,700 parameters,
  /// 37,632 of them a frozen embedding of the positions.
  ///
  /// - Precondition: images are square, their side a multiple of the patch's; the width is a
  ///   multiple of 4.
  ///
  /// Source: Peebles and Xie 2022, <https://arxiv.org/abs/2212.09748>.
  package static func dit(_ sampleShape: Shape, _ configuration: DiTConfiguration) -> Network {
    var table = ParameterTable()
    let (width, patch) = (configuration.width, configuration.patch)
    let (data, classes) = (sampleShape.channels, configuration.classes)
    precondition(
      sampleShape.height == sampleShape.width && sampleShape.height % patch == 0,
      "a DiT takes square images that \(patch) divides, got \(sampleShape)")
    let side = sampleShape.height / patch
    let outputs = data * (configuration.learnsVariance ? 2 : 1)

    let label = classes > 0 ? labelEmbedding(classes, width, "cond_embed", &table) : nil
    let positions = AddPositions(
      side * side, width, "pos_embed", &table, values: { positionRows(side, width) })
    let patches = Conv2d(
      data, width, kernel: patch, stride: patch, padding: 0, "x_embed.proj", &table)
    table.redraw("x_embed.proj.weight", .xavier(data * patch * patch, width))
    table.redraw("x_embed.proj.bias", .constant(0))
    let sigma = sigmaEmbedder(width, "sig_embed", &table)
    let embed = Sum {
      sigma
      if let label { label }
    }
    let blocks = (0..<configuration.depth).map { block(configuration, "blocks.\($0)", &table) }
    let finalModulation = modulation(width, "final_norm.modulation.proj", &table)
    let finalLinear = Linear(width, patch * patch * outputs, "final_linear", &table)
    redrawAsOriginal(configuration, output: patch * patch * outputs, &table)
    table.arrange(by: ["pos_embed", "x_embed.", "sig_embed.", "cond_embed.", ""])

    let body = Conditioned(embed) {
      patches
      positions
      for block in blocks { block }
      Conditioned(Sequential([SiLU(), finalModulation])) {
        LayerNorm(epsilon: 1e-6)
        Modulate(scale: 0, shift: width)
      }
      finalLinear
      Unpatch(patch, outputs)
    }
    return Network(
      name: "dit", sampleShape: sampleShape, noiseInput: .sigma, classes: classes,
      nullLabel: classes > 0 ? classes : nil, learnsVariance: configuration.learnsVariance,
      table: table,
      body: body)
  }
}

/// x + gate·attention(norm(x)), then x + gate·perceptron(norm(x)), where both norms and both gates
/// read the condition.
private func block(
  _ configuration: DiTConfiguration, _ name: String, _ table: inout ParameterTable
) -> any Layer {
  let width = configuration.width
  let norm1 = modulation(width, name + ".norm1.modulation.proj", &table)
  let attention = Sequential {
    Linear(width, 3 * width, name + ".attn.qkv", &table)
    Attention(heads: configuration.heads)
    Linear(width, width, name + ".attn.proj", &table)
  }
  let norm2 = modulation(width, name + ".norm2.modulation.proj", &table)
  let perceptron = Sequential {
    Linear(width, 4 * width, name + ".mlp.0", &table)
    GELU(.tanh)
    Linear(4 * width, width, name + ".mlp.2", &table)
  }
  let gates = modulation(width, name + ".scale_modulation.proj", &table)
  // Scale and shift of the first norm, of the second, and both gates, one after the other.
  let projection = Sequential {
    SiLU()
    Concatenate {
      norm1
      norm2
      gates
    }
  }
  return Conditioned(projection) {
    Residual {
      LayerNorm(epsilon: 1e-6)
      Modulate(scale: 0, shift: width)
      attention
      Gate(4 * width)
    }
    Residual {
      LayerNorm(epsilon: 1e-6)
      Modulate(scale: 2 * width, shift: 3 * width)
      perceptron
      Gate(5 * width)
    }
  }
}

/// The linear layer that makes two factors of a condition; drawn, then set to zero.
private func modulation(_ width: Int, _ name: String, _ table: inout ParameterTable) -> Linear {
  let linear = Linear(width, 2 * width, name + ".1", &table)
  table.redraw(name + ".1.weight", .constant(0))
  table.redraw(name + ".1.bias", .constant(0))
  return linear
}

/// The original goes over all linear layers once more when the network is complete, which also
/// undoes the zeros of the modulations.
private func redrawAsOriginal(
  _ configuration: DiTConfiguration, output: Int, _ table: inout ParameterTable
) {
  let width = configuration.width
  func redraw(_ name: String, _ input: Int, _ output: Int) {
    table.redraw(name + ".weight", .xavier(input, output))
    table.redraw(name + ".bias", .constant(0))
  }
  redraw("sig_embed.mlp.0", 2, width)
  redraw("sig_embed.mlp.2", width, width)
  if configuration.classes > 0 { redraw("cond_embed.mlp.1", width, width) }
  for index in 0..<configuration.depth {
    let name = "blocks.\(index)"
    redraw(name + ".norm1.modulation.proj.1", width, 2 * width)
    redraw(name + ".attn.qkv", width, 3 * width)
    redraw(name + ".attn.proj", width, width)
    redraw(name + ".norm2.modulation.proj.1", width, 2 * width)
    redraw(name + ".mlp.0", width, 4 * width)
    redraw(name + ".mlp.2", 4 * width, width)
    redraw(name + ".scale_modulation.proj.1", width, 2 * width)
  }
  redraw("final_norm.modulation.proj.1", width, 2 * width)
  redraw("final_linear", width, output)
  table.redraw("sig_embed.mlp.0.weight", .normal(deviation: 0.02))
  table.redraw("sig_embed.mlp.2.weight", .normal(deviation: 0.02))
  table.redraw("final_linear.weight", .constant(0))
  table.redraw("final_linear.bias", .constant(0))
}

extension Parameter.Initialization {
  /// Glorot and Bengio 2010: uniform on ±√(6/(input + output)).
  static func xavier(_ input: Int, _ output: Int) -> Self {
    .uniform(bound: (6 / Float(input + output)).squareRoot())
  }
}

/// Sines and cosines of the column in the first half of the channels, of the line in the second;
/// `side`² rows.
private func positionRows(_ side: Int, _ width: Int) -> [Float] {
  let quarter = width / 4
  func waves(_ place: Int) -> [Float] {
    let angles = (0..<quarter).map {
      Double(place) / pow(10_000, Double($0) / Double(quarter))
    }
    return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
  }
  return (0..<side).flatMap { y in (0..<side).flatMap { x in waves(x) + waves(y) } }
}

internal import Platform

/// A bidirectional transformer for text.
public struct TextTransformerConfiguration: Architecture {
  public static let name = "transformer"
  public static let meaning =
    "a bidirectional transformer for text, as masked tokens or as noisy bits"
  public static let isForText = true
  public static let exampleShape = Shape(1, 1, 64, 1)

  /// Channels of a position.
  public var width = 128
  /// The number of blocks.
  public var depth = 4
  /// Heads of every attention layer.
  public var heads = 4
  /// Whether the network is told what share of the text is masked.
  public var isToldMaskedShare = false
  /// Whether it takes an earlier estimate of x_0, where text is bits.
  public var isSelfConditioned = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .integer(\.width, "width", 8...4096, step: 8, "channels of a position; a multiple of heads"),
    .integer(\.depth, "depth", 1...64, "transformer blocks"),
    .integer(\.heads, "heads", 1...64, "attention heads; a divisor of width"),
    .flag(
      \.isToldMaskedShare, "masked_share",
      "condition on the masked share, which could also be counted in the text"),
    .selfConditioning(\.isSelfConditioned),
  ]

  public var conflict: SettingConflict? {
    guard !width.isMultiple(of: heads) else { return nil }
    return SettingConflict(
      ["heads", "width"],
      "network.heads is \(heads); expected a divisor of network.width = \(width)")
  }

  public func expectation(unmetBy sampleShape: Shape) -> String? {
    sampleShape.height == 1 ? nil : "text"
  }

  public func expectation(unmetBy text: TextFormat) -> String? {
    switch text.encoding {
    case .tokens where isSelfConditioned:
      "network.self_conditioning = false, or data.encoding = \"bits\""
    case .bits where isToldMaskedShare:
      "network.masked_share = false, or data.encoding = \"tokens\""
    case .tokens, .bits: nil
    }
  }

  /// The network for the letters a–z and the line end, as bits where a position has several numbers.
  public func makeNetwork(for sampleShape: Shape) -> Network {
    .textTransformer(sampleShape, vocabulary: sampleShape.channels == 1 ? 27 : 0, self)
  }

  public func makeNetwork(for format: SampleFormat) -> Network {
    .textTransformer(format.shape, vocabulary: format.maskedText?.vocabulary ?? 0, self)
  }
}

extension Network {
  /// A bidirectional transformer: tokens and learned positions, then blocks of attention and a perceptron,
  /// each after a layer norm, and the logits of every position.
  ///
  /// The token after the last is the mask. With a vocabulary of 0 each position is a vector of noisy bits
  /// instead, with those of an earlier estimate after it where it is self-conditioned, and so is the answer;
  /// the network is told the noise level. Embeddings and the last layer are initialised with a standard
  /// deviation of 0.02, position embeddings as sinusoids, from which attention learns neighbours sooner.
  ///
  /// - Precondition: samples are (1, 1, length, 1), or (1, 1, length, bits).
  ///
  /// Source: Devlin et al. 2019, <https://arxiv.org/abs/1810.04805>, with the norms first as in GPT-2; bits
  /// and self-conditioning of Chen, Zhang and Hinton 2022, <https://arxiv.org/abs/2208.04202>.
  package static func textTransformer(
    _ sampleShape: Shape, vocabulary: Int, _ configuration: TextTransformerConfiguration
  ) -> Network {
    var table = ParameterTable()
    let width = configuration.width
    let isMasked = vocabulary > 0
    let isSelfConditioned = !isMasked && configuration.isSelfConditioned
    let bits = sampleShape.channels
    let input: any Layer =
      if isMasked {
        TokenEmbedding(vocabulary + 1, width, "tokens", &table)
      } else {
        Linear(isSelfConditioned ? 2 * bits : bits, width, "bits", &table)
      }
    let positions = AddPositions(learned: sampleShape.width, width, "positions", &table)
    var level: (any Layer)?
    if !isMasked {
      level = embedding(of: SigmaEmbedding(), 2, width, "noise_embed", &table)
    } else if configuration.isToldMaskedShare {
      level = embedding(of: TimestepEmbedding(width), width, width, "masked_share", &table)
    }
    let blocks = (0..<configuration.depth).flatMap {
      block(width, heads: configuration.heads, "blocks.\($0)", &table)
    }
    let norm = LayerNorm(width, "norm", &table)
    let head = Linear(width, isMasked ? vocabulary : bits, "head", &table)
    for name in (isMasked ? ["tokens.weight"] : []) + ["head.weight"] {
      table.redraw(name, .normal(deviation: 0.02))
    }
    let length = sampleShape.width
    table.redraw("positions.weight", .drawn { _, _ in positionSinusoids(length, width) })
    let body: [any Layer] = [input, positions] + (level == nil ? [] : [AddCondition()]) + blocks
    let whole = Sequential(body + [norm, head])
    return Network(
      name: TextTransformerConfiguration.name, sampleShape: sampleShape,
      noiseInput: level == nil ? .none : isMasked ? .maskedShare : .sigma,
      scalesInput: !isMasked, isSelfConditioned: isSelfConditioned, vocabulary: vocabulary,
      table: table, body: level.map { Conditioned($0) { whole } } ?? whole)
  }
}

/// Initial position embeddings, (length, channels): sinusoids with a root mean square of 0.02.
///
/// Periods run from 2π to nearly 2π·length positions.
///
/// Source: Vaswani et al. 2017, section 3.5, <https://arxiv.org/abs/1706.03762>, with the length in place of 10,000.
private func positionSinusoids(_ length: Int, _ channels: Int) -> [Float] {
  (0..<length).flatMap { position in
    (0..<channels).map { channel in
      let progress = Double(channel / 2) / Double(max(channels / 2, 1))
      let phase = Double(position) * exp(-log(Double(length)) * progress)
      return Float(0.02 * 2.0.squareRoot() * (channel.isMultiple(of: 2) ? sin(phase) : cos(phase)))
    }
  }
}

/// What the network is told of the noise, through a perceptron.
private func embedding(
  of waves: any Layer, _ inputs: Int, _ width: Int, _ name: String, _ table: inout ParameterTable
) -> any Layer {
  Sequential {
    waves
    Linear(inputs, width, name + ".0", &table)
    SiLU()
    Linear(width, width, name + ".2", &table)
  }
}

/// x + attention(norm(x)), then x + perceptron(norm(x)).
private func block(
  _ width: Int, heads: Int, _ name: String, _ table: inout ParameterTable
) -> [any Layer] {
  [
    Residual {
      LayerNorm(width, name + ".norm1", &table)
      Linear(width, 3 * width, name + ".attn.qkv", &table)
      Attention(heads: heads)
      Linear(width, width, name + ".attn.proj", &table)
    },
    Residual {
      LayerNorm(width, name + ".norm2", &table)
      Linear(width, 4 * width, name + ".mlp.0", &table)
      GELU()
      Linear(4 * width, width, name + ".mlp.2", &table)
    },
  ]
}

/// A bidirectional transformer for text.
public struct TextTransformerConfiguration: Architecture {
  public static let name = "transformer"
  public static let meaning =
    "a bidirectional transformer for text: which character each position has"
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

  public init() {}

  public static let table: [Setting<Self>] = [
    .integer(\.width, "width", 8...4096, step: 8, "channels of a position; a multiple of heads"),
    .integer(\.depth, "depth", 1...64, "transformer blocks"),
    .integer(\.heads, "heads", 1...64, "attention heads; a divisor of width"),
    .flag(
      \.isToldMaskedShare, "masked_share",
      "condition on the masked share, which could also be counted in the text"),
  ]

  public var conflict: SettingConflict? {
    guard !width.isMultiple(of: heads) else { return nil }
    return SettingConflict(
      ["heads", "width"],
      "network.heads is \(heads); expected a divisor of network.width = \(width)")
  }

  public func expectation(unmetBy sampleShape: Shape) -> String? {
    sampleShape.height == 1 && sampleShape.channels == 1 ? nil : "text"
  }

  /// The network for the letters a–z and the line end.
  public func makeNetwork(for sampleShape: Shape) -> Network {
    .textTransformer(sampleShape, vocabulary: 27, self)
  }

  public func makeNetwork(for format: SampleFormat) -> Network {
    .textTransformer(format.shape, vocabulary: format.text?.vocabulary ?? 27, self)
  }
}

extension Network {
  /// A bidirectional transformer: tokens and learned positions, then blocks of attention and a perceptron,
  /// each after a layer norm, and the logits of every position.
  ///
  /// The token after the last is the mask. Embeddings and the last layer begin with a deviation of 0.02.
  ///
  /// - Precondition: samples are (1, 1, length, 1).
  ///
  /// Source: Devlin et al. 2019, <https://arxiv.org/abs/1810.04805>, with the norms first as in GPT-2.
  package static func textTransformer(
    _ sampleShape: Shape, vocabulary: Int, _ configuration: TextTransformerConfiguration
  ) -> Network {
    var table = ParameterTable()
    let width = configuration.width
    let tokens = TokenEmbedding(vocabulary + 1, width, "tokens", &table)
    let positions = AddPositions(learned: sampleShape.width, width, "positions", &table)
    var rate: (any Layer)?
    if configuration.isToldMaskedShare {
      rate = Sequential {
        TimestepEmbedding(width)
        Linear(width, width, "masked_share.0", &table)
        SiLU()
        Linear(width, width, "masked_share.2", &table)
      }
    }
    let blocks = (0..<configuration.depth).flatMap {
      block(width, heads: configuration.heads, "blocks.\($0)", &table)
    }
    let norm = LayerNorm(width, "norm", &table)
    let head = Linear(width, vocabulary, "head", &table)
    for name in ["tokens.weight", "positions.weight", "head.weight"] {
      table.redraw(name, .normal(deviation: 0.02))
    }
    let body: [any Layer] = [tokens, positions] + (rate == nil ? [] : [AddCondition()]) + blocks
    let whole = Sequential(body + [norm, head])
    return Network(
      name: TextTransformerConfiguration.name, sampleShape: sampleShape,
      noiseInput: rate == nil ? .none : .maskedShare, vocabulary: vocabulary, table: table,
      body: rate.map { Conditioned($0) { whole } } ?? whole)
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

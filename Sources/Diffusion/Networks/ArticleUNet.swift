internal import Platform

/// The U-Net of the dataflowr DDPM course.
package struct ArticleUNetConfiguration: Architecture {
  package static let name = "article-unet"
  package static let meaning =
    "the U-Net of the dataflowr DDPM course: batch norm, max pooling, 33 million parameters"
  package static let exampleShape = Shape(1, 32, 32, 3)

  /// How a timestep becomes a vector.
  package enum Embedding: String, RecipeWord {
    /// As in the course's code: whole rows become sines, or cosines of sines.
    case article
    /// Sines and cosines of every frequency, in turn.
    case standard

    package var meaning: String {
      switch self {
      case .article: "as in the course's code"
      case .standard: "interleaved sines and cosines"
      }
    }
  }

  /// Channels of the first level; 64 in the course.
  package var channels: Int
  /// Rows of the table of embeddings.
  package var timesteps: Int
  /// How a timestep becomes a vector.
  package var embedding: Embedding
  /// The base of the embedding's frequencies: 10,000 in the course's code, 1,000 in its text.
  package var embeddingBase = 10_000

  /// The course's network, by default as wide as there.
  package init(channels: Int = 64, timesteps: Int = 1000, embedding: Embedding = .article) {
    self.channels = channels
    self.timesteps = timesteps
    self.embedding = embedding
  }

  package init() { self.init(channels: 64) }

  package static let table: [Setting<Self>] = [
    .integer(\.channels, "channels", 1...256, "channels of the first level"),
    .integer(
      \.timesteps, "timesteps", 1...10_000, step: 10,
      "rows of the timestep-embedding table; the schedule may not have more timesteps"),
    .word(\.embedding, "embedding", "the timestep embedding"),
    .integer(
      \.embeddingBase, "embedding_base", 2...1_000_000, step: 1000,
      "base of the frequencies of the timestep embedding; the course's text has 1000"),
  ]

  package func expectation(unmetBy sampleShape: Shape) -> String? {
    sampleShape.height >= 16 && sampleShape.width >= 16
      ? nil : "images of at least 16×16 (they are halved four times)"
  }

  package func makeNetwork(for sampleShape: Shape) -> Network { .articleUNet(sampleShape, self) }
}

extension Network {
  /// The U-Net of the dataflowr DDPM course: five levels of two convolutions with batch norm, and before
  /// every stage an embedding of the timestep that is added to its input.
  ///
  /// ```
  /// x +te1─ conv1 ────────────────────────────────────────────────────── up4 ─ last_conv
  ///           └ +te2 ↓ down1 ─────────────────────────────── up3 +te4_up ┘
  ///                      └ +te3 ↓ down2 ─────── up2 +te3_up ┘
  ///                                  └ +te4 ↓ down3 ─ up1 +te2_up ┘
  ///                                     └ +te5 ↓ down4 +te1_up ┘
  /// ```
  ///
  /// Parameters as in the course's `UNet`: 33,078,526 to train with three channels of data. Sides
  /// that are no multiple of 16 are padded on the way up.
  ///
  /// Source: the dataflowr course's DDPM for CIFAR-10, after Ronneberger, Fischer and Brox 2015,
  /// <https://arxiv.org/abs/1505.04597>.
  package static func articleUNet(
    _ sampleShape: Shape, _ configuration: ArticleUNetConfiguration = ArticleUNetConfiguration()
  ) -> Network {
    var table = ParameterTable()
    let (data, base) = (sampleShape.channels, configuration.channels)
    let widths = [base, 2 * base, 4 * base, 8 * base, 16 * base]

    // In the course's order, which is that of its random numbers.
    let conv1 = doubleConvolution(data, base, "conv1.conv", &table)
    let down = (1...4).map { level in
      doubleConvolution(widths[level - 1], widths[level], "down\(level).conv.conv", &table)
    }
    var up: [(scale: any Layer, convolve: any Layer)] = []
    for level in 1...4 {
      let (input, output) = (widths[5 - level], widths[4 - level])
      up.append(
        (
          ConvTranspose2d(input, output, "up\(level).up.up_scale", &table),
          doubleConvolution(input, output, "up\(level).conv.conv", &table)
        ))
    }
    let lastConv = Conv2d(base, data, kernel: 1, "last_conv", &table)
    let embed = timestepTable(configuration, &table)
    let width = ArticleUNetConfiguration.embeddingWidth
    func addTimestep(_ channels: Int, _ name: String) -> any Layer {
      let project = Sequential {
        Linear(width, channels, name + ".0", &table)
        SiLU()
        Linear(channels, channels, name + ".2", &table)
      }
      return Conditioned(project) { AddCondition() }
    }
    let te = [addTimestep(data, "te1")] + (0..<4).map { addTimestep(widths[$0], "te\($0 + 2)") }
    let teUp = (1...4).map { addTimestep(widths[5 - $0], "te\($0)_up") }

    let body = Conditioned(embed) {
      UShape(
        down: {
          Sequential([te[0], conv1])
          for level in 0..<3 { Sequential([te[level + 1], MaxPool2d(2), down[level]]) }
        },
        middle: {
          te[4]
          MaxPool2d(2)
          down[3]
          teUp[0]
          up[0].scale
        },
        up: {
          for level in 0..<3 {
            Sequential([up[level].convolve, teUp[level + 1], up[level + 1].scale])
          }
          up[3].convolve
        })
      lastConv
    }
    return Network(
      name: "article-unet", sampleShape: sampleShape, noiseInput: .timestep,
      timestepLimit: configuration.timesteps, table: table, body: body)
  }
}

/// Twice a convolution, batch norm and ReLU.
private func doubleConvolution(
  _ input: Int, _ output: Int, _ name: String, _ table: inout ParameterTable
) -> any Layer {
  Sequential {
    Conv2d(input, output, name + ".0", &table)
    BatchNorm2d(output, name + ".1", &table)
    ReLU()
    Conv2d(output, output, name + ".3", &table)
    BatchNorm2d(output, name + ".4", &table)
    ReLU()
  }
}

/// The course's code makes an embedding, which draws, and then overwrites it.
private func timestepTable(
  _ configuration: ArticleUNetConfiguration, _ table: inout ParameterTable
) -> any Layer {
  let (timesteps, width) = (configuration.timesteps, ArticleUNetConfiguration.embeddingWidth)
  return TimestepTable(
    timesteps, width, role: .frozen,
    .drawn { count, random in
      _ = random.normals(count)
      return configuration.embedding.rows(timesteps, width, base: configuration.embeddingBase)
    }, "time_embed", &table)
}

extension ArticleUNetConfiguration {
  static let embeddingWidth = 100
}

extension ArticleUNetConfiguration.Embedding {
  /// `timesteps` rows of `width` numbers.
  func rows(_ timesteps: Int, _ width: Int, base: Int = 10_000) -> [Float] {
    switch self {
    case .article: articleRows(timesteps, width, Double(base))
    case .standard: standardRows(timesteps, width, Double(base))
    }
  }

  /// sin(t/base^(2k/width)) in column 2k, its cosine in column 2k + 1.
  private func standardRows(_ timesteps: Int, _ width: Int, _ base: Double) -> [Float] {
    (0..<timesteps).flatMap { t in
      (0..<width).map { column in
        let angle = Float(Double(t) / pow(base, Double(column / 2 * 2) / Double(width)))
        return column % 2 == 0 ? sinf(angle) : cosf(angle)
      }
    }
  }

  /// The angles t/base^(2k/width) in column k; then even rows become their sines, and rows 1, −1,
  /// −3, … (counted from the end where negative) the cosines of what rows 0, 2, 4, … were made.
  private func articleRows(_ timesteps: Int, _ width: Int, _ base: Double) -> [Float] {
    var rows = (0..<timesteps).map { t in
      (0..<width).map { Float(Double(t) / pow(base, Double(2 * $0) / Double(width))) }
    }
    let even = Array(stride(from: 0, to: timesteps, by: 2))
    for t in even { rows[t] = rows[t].map { sinf($0) } }
    let cosines = even.map { rows[$0].map { cosf($0) } }
    for (t, row) in zip(even, cosines) { rows[(1 - t + timesteps) % timesteps] = row }
    return rows.flatMap(\.self)
  }
}

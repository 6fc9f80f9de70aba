extension UNet2DConfiguration {
  private static let className = "UNet2DModel"
  /// More than any network has, and small enough that products of them cannot overflow.
  private static let mostChannels = 1 << 16

  /// Larger images than these networks are used for.
  private static let sampleSizes = 1...2048

  private static let downNames: [(word: String, value: Block)] = [
    ("DownBlock2D", .plain), ("AttnDownBlock2D", .attention),
    ("UNetResDownBlock2D", .plain), ("UNetResAttnDownBlock2D", .attention),
  ]
  private static let upNames: [(word: String, value: Block)] = [
    ("UpBlock2D", .plain), ("AttnUpBlock2D", .attention),
    ("UNetResUpBlock2D", .plain), ("UNetResAttnUpBlock2D", .attention),
  ]

  /// Reads a `config.json`; errors name the file at `path`.
  ///
  /// Keys that begin with `_` are about the file and are passed over, as are unknown ones that are
  /// null or false.
  package init(json: JSON, path: String) throws(FileError) {
    let reader = try ConfigurationReader(json, path: path)
    if let name = reader["_class_name"], name != .string(Self.className) {
      throw reader.error("_class_name", expected: Self.className, .unsupported)
    }
    try readShape(reader)
    try readTime(reader)
    try readNumbers(reader)
    let unknown = reader.unknownKeys(Set(self.json.members?.map(\.name) ?? []))
    if let key = unknown.first {
      throw reader.error(key, expected: "no key of that name", .unsupported)
    }
    try checkBlocks(reader)
    try checkGroups(reader)
  }

  private mutating func readShape(_ reader: ConfigurationReader) throws(FileError) {
    let channels = 1...Self.mostChannels
    if let size = reader["sample_size"] {
      let both =
        size.array == nil
        ? [try reader.integer("sample_size", 0, in: Self.sampleSizes)]
        : try reader.integers("sample_size", [], in: Self.sampleSizes, count: 2...2)
      sampleSize = SampleSize(height: both[0], width: both[both.count - 1])
    }
    inChannels = try reader.integer("in_channels", inChannels, in: channels)
    outChannels = try reader.integer("out_channels", outChannels, in: channels)
    guard outChannels == inChannels || learnsVariance else {
      throw reader.error(
        "out_channels",
        expected: "\(inChannels) as there are in_channels, or twice as many to predict a variance",
        .unsupported)
    }
    downBlocks = try reader.list("down_block_types", downBlocks, of: Self.downNames)
    upBlocks = try reader.list("up_block_types", upBlocks, of: Self.upNames)
    blockOutChannels = try reader.integers(
      "block_out_channels", blockOutChannels, in: channels, count: 1...16)
    layersPerBlock = try reader.integer("layers_per_block", layersPerBlock, in: 1...64)
    let middle = [(word: "UNetMidBlock2D", value: true)]
    hasMidBlock =
      reader.has("mid_block_type") && reader["mid_block_type"] == nil
      ? false : try reader.choice("mid_block_type", true, of: middle)
    addAttention = try reader.bool("add_attention", addAttention)
    downsamplePadding = try reader.integer("downsample_padding", downsamplePadding, in: 0...1)
    for key in ["downsample_type", "upsample_type"] {
      try reader.choice(key, (), of: [(word: "conv", value: ())])
    }
  }

  private mutating func readTime(_ reader: ConfigurationReader) throws(FileError) {
    timeEmbedding = try reader.choice(
      "time_embedding_type", timeEmbedding,
      of: TimeEmbedding.allCases.map { ($0.rawValue, $0) })
    timeEmbeddingDim = try reader.optionalInteger("time_embedding_dim", in: 1...Self.mostChannels)
    freqShift = try reader.number("freq_shift", freqShift, in: -1000...1000)
    if timeEmbedding == .positional, 2 * freqShift == Double(blockOutChannels[0]) {
      throw reader.error("freq_shift", expected: "anything but half the first stage's channels")
    }
    flipSinToCos = try reader.bool("flip_sin_to_cos", flipSinToCos)
    timeScaleShift = try reader.choice(
      "resnet_time_scale_shift", timeScaleShift,
      of: TimeScaleShift.allCases.map { ($0.rawValue, $0) })
    numTrainTimesteps = try reader.optionalInteger("num_train_timesteps", in: 1...1_000_000)
    if timeEmbedding == .learned, numTrainTimesteps == nil {
      throw reader.error("num_train_timesteps", expected: "the rows of the learned embedding")
    }
    if reader["class_embed_type"] != nil {
      classEmbedding = try reader.choice(
        "class_embed_type", .timestep, of: ClassEmbedding.allCases.map { ($0.rawValue, $0) })
    }
    numClassEmbeds = try reader.optionalInteger("num_class_embeds", in: 1...1_000_000)
  }

  private mutating func readNumbers(_ reader: ConfigurationReader) throws(FileError) {
    centerInputSample = try reader.bool("center_input_sample", centerInputSample)
    midBlockScaleFactor = try reader.number(
      "mid_block_scale_factor", midBlockScaleFactor, in: 1e-6...1e6)
    dropout = try reader.number("dropout", dropout, in: 0...0.999)
    // The library takes any capitals and two names for one function.
    let functions = Activation.allCases.map { (word: $0.rawValue, value: $0) }
    activation = try reader.choice(
      "act_fn", activation, of: functions + [("swish", .silu)], ignoringCase: true)
    attentionHeadDim = try reader.optionalInteger(
      "attention_head_dim", in: 1...Self.mostChannels, absent: attentionHeadDim)
    normNumGroups = try reader.integer("norm_num_groups", normNumGroups, in: 1...Self.mostChannels)
    attnNormNumGroups = try reader.optionalInteger(
      "attn_norm_num_groups", in: 1...Self.mostChannels)
    normEps = try reader.number("norm_eps", normEps, in: 0...1)
  }

  private func checkBlocks(_ reader: ConfigurationReader) throws(FileError) {
    let count = blockOutChannels.count
    for (key, blocks) in [("down_block_types", downBlocks), ("up_block_types", upBlocks)]
    where blocks.count != count {
      throw FileError(
        reader.path, .mismatch,
        "has \(blocks.count) \(key); expected \(count) as there are block_out_channels")
    }
  }

  private func checkGroups(_ reader: ConfigurationReader) throws(FileError) {
    if let channels = blockOutChannels.first(where: { !$0.isMultiple(of: normNumGroups) }) {
      throw FileError(
        reader.path, .mismatch,
        "has norm_num_groups = \(normNumGroups); expected a divisor of the \(channels) channels "
          + "of a stage")
    }
    let last = blockOutChannels[blockOutChannels.count - 1]
    if hasMidBlock, addAttention, let groups = midAttentionGroups, !last.isMultiple(of: groups) {
      throw FileError(
        reader.path, .mismatch,
        "has attn_norm_num_groups = \(groups); expected a divisor of the last stage's \(last) "
          + "channels")
    }
    guard let head = attentionHeadDim else { return }
    var attended = hasMidBlock && addAttention ? [last] : []
    attended += zip(blockOutChannels, downBlocks).filter { $0.1 == .attention }.map(\.0)
    attended += zip(blockOutChannels.reversed(), upBlocks).filter { $0.1 == .attention }.map(\.0)
    if let channels = attended.first(where: { $0 < head }) {
      throw FileError(
        reader.path, .mismatch,
        "has attention_head_dim = \(head); expected at most the \(channels) channels of a stage "
          + "with attention")
    }
  }

  /// The `config.json` that makes the library build this network; every key is there.
  package var json: JSON {
    let size: JSON =
      sampleSize.map { size in
        size.height == size.width
          ? .integer(size.height) : [.integer(size.height), .integer(size.width)]
      } ?? .null
    func optional(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }
    func names(_ blocks: [Block], _ plain: String) -> JSON {
      .array(blocks.map { .string($0 == .plain ? plain : "Attn\(plain)") })
    }
    return [
      "_class_name": .string(Self.className), "act_fn": .string(activation.rawValue),
      "add_attention": .bool(addAttention), "attention_head_dim": optional(attentionHeadDim),
      "attn_norm_num_groups": optional(attnNormNumGroups),
      "block_out_channels": .array(blockOutChannels.map { .integer($0) }),
      "center_input_sample": .bool(centerInputSample),
      "class_embed_type": classEmbedding.map { .string($0.rawValue) } ?? .null,
      "down_block_types": names(downBlocks, "DownBlock2D"),
      "downsample_padding": .integer(downsamplePadding), "downsample_type": "conv",
      "dropout": .number(dropout), "flip_sin_to_cos": .bool(flipSinToCos),
      // A whole number is written as one, as the library does.
      "freq_shift": Int(exactly: freqShift).map { .integer($0) } ?? .number(freqShift),
      "in_channels": .integer(inChannels), "layers_per_block": .integer(layersPerBlock),
      "mid_block_scale_factor": .number(midBlockScaleFactor),
      "mid_block_type": hasMidBlock ? "UNetMidBlock2D" : .null, "norm_eps": .number(normEps),
      "norm_num_groups": .integer(normNumGroups), "num_class_embeds": optional(numClassEmbeds),
      "num_train_timesteps": optional(numTrainTimesteps), "out_channels": .integer(outChannels),
      "resnet_time_scale_shift": .string(timeScaleShift.rawValue), "sample_size": size,
      "time_embedding_dim": optional(timeEmbeddingDim),
      "time_embedding_type": .string(timeEmbedding.rawValue),
      "up_block_types": names(upBlocks, "UpBlock2D"), "upsample_type": "conv",
    ]
  }
}

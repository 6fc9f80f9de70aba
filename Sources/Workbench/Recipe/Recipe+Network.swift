import Diffusion

extension RecipeReader {
  /// The network that the section describes.
  mutating func network() throws(RecipeError) -> NetworkConfiguration {
    let kind = key("kind")
    guard has(kind) else {
      throw missing(kind, "one of \(NetworkKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    switch try word(kind, default: NetworkKind.unet) {
    case .unet: return .unet(try unet())
    case .residualCNN: return .residualCNN(try residualCNN())
    case .mlp:
      return .mlp(
        hidden: try integers(
          key("hidden"), 1...8192, most: 32, default: [16, 128, 128, 128, 128, 16]),
        classes: try classes())
    case .dense: return .dense(hidden: try integer(key("hidden"), 1...8192, default: 128))
    case .articleUNet:
      return .articleUNet(
        ArticleUNetConfiguration(
          channels: try integer(key("channels"), 1...256, default: 64),
          timesteps: try integer(key("timesteps"), 1...10_000, default: 1000),
          embedding: try word(key("embedding"), default: .article)))
    case .smallDiffusionUNet: return .smallDiffusionUNet(try smallDiffusionUNet())
    case .dit: return .dit(try dit())
    case .unet2D: return .unet2D(try unet2D())
    case .ncsn:
      return .ncsn(
        NCSNConfiguration(
          channels: try integer(key("channels"), 2...512, default: 128),
          noiseLevels: try integer(key("noise_levels"), 1...1000, default: 10)))
    }
  }

  private func key(_ name: String) -> RecipeKey { RecipeKey(.network, name) }

  private mutating func classes() throws(RecipeError) -> Int {
    try integer(key("classes"), 0...1000, default: 0)
  }

  private mutating func unet() throws(RecipeError) -> UNetConfiguration {
    let channels = try integer(key("channels"), 4...512, default: 32)
    return UNetConfiguration(
      channels: channels,
      multipliers: try integers(key("multipliers"), 1...16, most: 6, default: [1, 2]),
      blocks: try integer(key("blocks"), 1...8, default: 2), groups: try groups(of: channels),
      noiseInput: try noise(), classes: try classes())
  }

  private mutating func residualCNN() throws(RecipeError) -> ResidualCNNConfiguration {
    let channels = try integer(key("channels"), 4...512, default: 32)
    return ResidualCNNConfiguration(
      channels: channels, blocks: try integer(key("blocks"), 1...64, default: 8),
      groups: try groups(of: channels), noiseInput: try noise())
  }

  private mutating func smallDiffusionUNet() throws(RecipeError) -> SmallDiffusionUNetConfiguration
  {
    let channels = try integer(key("channels"), 32...1024, default: 64)
    guard channels.isMultiple(of: 32) else {
      throw RecipeError(
        origin(key("channels")) ?? .file(path, line: 1),
        "\(key("channels")) is \(channels), expected a multiple of 32: its norms have 32 groups")
    }
    return SmallDiffusionUNetConfiguration(
      channels: channels,
      multipliers: try integers(key("multipliers"), 1...16, most: 6, default: [1, 1, 2]),
      blocks: try integer(key("blocks"), 1...8, default: 2),
      attention: try integers(key("attention"), 0...1024, most: 6, default: [14]),
      dropout: try number(
        key("dropout"), "from 0 to below 1", default: 0.1, where: { 0 <= $0 && $0 < 1 }),
      classes: try classes())
  }

  /// diffusers' `config.json`, its text or its path.
  private mutating func unet2D() throws(RecipeError) -> UNet2DConfiguration {
    let meaning = "the path of a config.json of diffusers, or its text"
    guard let config = try text(key("config"), meaning) else {
      throw missing(key("config"), meaning)
    }
    let place = origin(key("config")) ?? .file(path, line: 1)
    do {
      guard config.hasPrefix("{") else {
        return try UNet2DConfiguration(json: JSON(contentsOf: config), path: config)
      }
      return try UNet2DConfiguration(json: JSON(parsing: config), path: "\(key("config"))")
    } catch let problem as JSONProblem {
      throw RecipeError(place, "\(key("config")) is no JSON: \(problem.problem)")
    } catch {
      throw RecipeError(place, "\(error)")
    }
  }

  private mutating func dit() throws(RecipeError) -> DiTConfiguration {
    let configuration = DiTConfiguration(
      patch: try integer(key("patch"), 1...64, default: 2),
      depth: try integer(key("depth"), 1...64, default: 6),
      headChannels: try integer(key("head_channels"), 1...512, default: 32),
      heads: try integer(key("heads"), 1...64, default: 6), classes: try classes())
    guard configuration.width.isMultiple(of: 4) else {
      let place = origin(key("head_channels")) ?? origin(key("heads"))
      throw RecipeError(
        place ?? .file(path, line: 1),
        "network.heads · network.head_channels is \(configuration.width), expected a multiple of 4")
    }
    return configuration
  }

  private mutating func noise() throws(RecipeError) -> Network.NoiseInput {
    try word(key("noise"), default: .sigma, of: [.sigma, .timestep])
  }

  private mutating func groups(of channels: Int) throws(RecipeError) -> Int {
    let groups = try integer(
      key("groups"), 1...512, default: channels.isMultiple(of: 8) ? 8 : 1)
    guard channels.isMultiple(of: groups) else {
      let place = origin(key("groups")) ?? origin(key("channels"))
      let divisors = (1...channels).filter { channels.isMultiple(of: $0) }.map(String.init)
      throw RecipeError(
        place ?? .file(path, line: 1),
        "\(key("groups")) is \(groups), expected a divisor of network.channels = \(channels): "
          + divisors.joined(separator: ", "))
    }
    return groups
  }
}

extension NetworkConfiguration {
  /// The keys and values of its section in a recipe.
  var values: [(String, RecipeValue)] {
    switch self {
    case .mlp(let hidden, let classes):
      [("hidden", list(hidden)), ("classes", .integer(classes))]
    case .dense(let hidden): [("hidden", .integer(hidden))]
    case .unet(let unet):
      [
        ("channels", .integer(unet.channels)), ("multipliers", list(unet.multipliers)),
        ("blocks", .integer(unet.blocks)), ("groups", .integer(unet.groups)),
        ("noise", .text(unet.noiseInput.rawValue)), ("classes", .integer(unet.classes)),
      ]
    case .residualCNN(let network):
      [
        ("channels", .integer(network.channels)), ("blocks", .integer(network.blocks)),
        ("groups", .integer(network.groups)), ("noise", .text(network.noiseInput.rawValue)),
      ]
    case .articleUNet(let network):
      [
        ("channels", .integer(network.channels)), ("timesteps", .integer(network.timesteps)),
        ("embedding", .text(network.embedding.rawValue)),
      ]
    case .smallDiffusionUNet(let unet):
      [
        ("channels", .integer(unet.channels)), ("multipliers", list(unet.multipliers)),
        ("blocks", .integer(unet.blocks)), ("attention", list(unet.attention)),
        ("dropout", .number(unet.dropout)), ("classes", .integer(unet.classes)),
      ]
    case .dit(let dit):
      [
        ("patch", .integer(dit.patch)), ("depth", .integer(dit.depth)),
        ("head_channels", .integer(dit.headChannels)), ("heads", .integer(dit.heads)),
        ("classes", .integer(dit.classes)),
      ]
    case .unet2D(let configuration): [("config", .text(configuration.json.description))]
    case .ncsn(let network):
      [
        ("channels", .integer(network.channels)),
        ("noise_levels", .integer(network.noiseLevels)),
      ]
    }
  }

  private func list(_ numbers: [Int]) -> RecipeValue { .list(numbers.map { .integer($0) }) }
}

/// x + conv(SiLU(norm(conv(SiLU(norm(x))) + embed(SiLU(condition))))), with a convolution of one
/// tap on the straight way where the channels differ.
func residualBlock(
  of sampleShape: Shape, _ input: Int, _ output: Int, embedding: Int, groups: Int, _ name: String,
  _ table: inout ParameterTable
) -> any Layer {
  let norm1 = GroupNorm(groups, input, name + ".norm1", &table)
  let conv1 = convolution(of: sampleShape, input, output, name + ".conv1", &table)
  let embed = Linear(embedding, output, name + ".embed", &table)
  let norm2 = GroupNorm(groups, output, name + ".norm2", &table)
  let conv2 = convolution(of: sampleShape, output, output, name + ".conv2", &table)
  let shortcut =
    input == output
    ? nil : convolution(of: sampleShape, input, output, kernel: 1, name + ".shortcut", &table)
  return Residual(shortcut: shortcut) {
    norm1
    SiLU()
    conv1
    Conditioned(Sequential([SiLU(), embed])) { AddCondition() }
    norm2
    SiLU()
    conv2
  }
}

/// x + project(attention(norm(x))) between all positions of a sample.
func attentionBlock(
  _ channels: Int, heads: Int, groups: Int, _ name: String,
  _ table: inout ParameterTable
) -> any Layer {
  Residual {
    GroupNorm(groups, channels, name + ".norm", &table)
    Linear(channels, 3 * channels, name + ".qkv", &table)
    Attention(heads: heads)
    Linear(channels, channels, name + ".project", &table)
  }
}

/// A convolution for samples of that shape: along signals, which are one line high, or over
/// images.
func convolution(
  of sampleShape: Shape, _ input: Int, _ output: Int, kernel: Int = 3, stride: Int = 1,
  _ name: String, _ table: inout ParameterTable
) -> any Layer {
  sampleShape.height == 1
    ? Conv1d(input, output, kernel: kernel, stride: stride, name, &table)
    : Conv2d(input, output, kernel: kernel, stride: stride, name, &table)
}

/// The noise level as 4·channels values: its sinusoidal embedding through two linear layers, `noise_embed.0` and
/// `noise_embed.2`.
public func noiseEmbedding(
  _ channels: Int, _ noiseInput: Network.NoiseInput, _ table: inout ParameterTable
) -> any Layer {
  let timesteps = noiseInput == .timestep
  return Sequential {
    if timesteps { TimestepEmbedding(channels) } else { SigmaEmbedding() }
    Linear(timesteps ? channels : 2, 4 * channels, "noise_embed.0", &table)
    SiLU()
    Linear(4 * channels, 4 * channels, "noise_embed.2", &table)
  }
}

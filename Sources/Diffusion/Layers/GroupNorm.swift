internal import CKernels

/// Normalises groups of channels over all positions of a sample: y = γ·(x − mean)/√(var + ε) + β.
///
/// Parameters `weight` γ and `bias` β (channels), initially 1 and 0.
///
/// Source: Wu and He 2018, <https://arxiv.org/abs/1803.08494>.
public struct GroupNorm: BackwardAddingLayer {
  let groups: Int
  let channels: Int
  let epsilon: Float
  let weight: Slot
  let bias: Slot
  /// Whether a SiLU follows in the same loop; ``Sequential`` decides.
  let appliesSiLU: Bool

  /// - Precondition: `groups` divides `channels`.
  public init(
    _ groups: Int, _ channels: Int, epsilon: Float = 1e-5, _ name: String,
    _ table: inout ParameterTable
  ) {
    precondition(
      channels % groups == 0, "GroupNorm cannot divide \(channels) channels into \(groups) groups")
    self.groups = groups
    self.channels = channels
    self.epsilon = epsilon
    weight = table.add(name + ".weight", [channels], .constant(1))
    bias = table.add(name + ".bias", [channels], .constant(0))
    appliesSiLU = false
  }

  private init(activating norm: GroupNorm) {
    groups = norm.groups
    channels = norm.channels
    epsilon = norm.epsilon
    weight = norm.weight
    bias = norm.bias
    appliesSiLU = true
  }

  /// The same norm with the SiLU that follows it, in one loop.
  var followedBySiLU: GroupNorm { GroupNorm(activating: self) }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      x.shape.channels == channels, "GroupNorm expects \(channels) channels, got \(x.shape)")
    let (shape, batch, stride) = (kernelShape(x), x.shape.batch, x.shape.sampleCount)
    let result = pass.make(x.shape)
    let statistics = pass.make(Shape(2, 1, batch, groups))  // means, then scales
    defer { extendLifetime(statistics) }
    pass.save(x)
    pass.save(statistics)
    let (y, x) = (result.pointer, x.pointer)
    let (mean, scale) = (statistics.pointer, statistics.pointer + batch * groups)
    let (gamma, beta) = (pass.weight(weight), pass.weight(bias))
    parallelTasks(batch) { sample in
      withUnsafePointer(to: shape) { shape in
        ck_group_norm(
          y + sample * stride, x + sample * stride, gamma, beta, mean + sample * groups,
          scale + sample * groups, shape)
      }
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { backward(dy, other: nil, pass) }

  func backward(_ dy: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    backward(dy, other: other, pass)
  }

  private func backward(_ dy: Tensor, other: Tensor?, _ pass: Pass) -> Tensor {
    let statistics = pass.restore()
    let saved = pass.restore()
    let (shape, batch, stride) = (kernelShape(saved), saved.shape.batch, saved.shape.sampleCount)
    let result = pass.make(saved.shape)
    // Each sample's share of dγ and dβ, which dx needs too.
    let shares = pass.make(Shape(2, 1, batch, channels))
    defer { extendLifetime((statistics, saved, shares)) }
    let (dx, dy, x, plus) = (result.pointer, dy.pointer, saved.pointer, other?.pointer)
    let (mean, scale) = (statistics.pointer, statistics.pointer + batch * groups)
    let (gamma, beta) = (pass.weight(weight), pass.weight(bias))
    let (dgamma, dbeta) = (shares.pointer, shares.pointer + batch * channels)
    parallelTasks(batch) { sample in
      withUnsafePointer(to: shape) { shape in
        ck_group_norm_backward(
          dx + sample * stride, dgamma + sample * channels, dbeta + sample * channels,
          dy + sample * stride, x + sample * stride, gamma, beta, mean + sample * groups,
          scale + sample * groups, plus.map { $0 + sample * stride }, shape)
      }
    }
    if let sum = pass.gradient(weight) { ck_column_sums(sum, dgamma, batch, channels) }
    if let sum = pass.gradient(bias) { ck_column_sums(sum, dbeta, batch, channels) }
    return result
  }

  private func kernelShape(_ x: Tensor) -> ck_group_norm_shape {
    ck_group_norm_shape(
      positions: x.shape.height * x.shape.width, channels: channels, groups: groups,
      epsilon: epsilon, silu: appliesSiLU ? 1 : 0)
  }
}

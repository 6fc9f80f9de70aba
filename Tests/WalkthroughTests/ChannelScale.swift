public import Diffusion

/// y = γ·x with one factor per channel; small at first, so that a new block hardly changes its input.
///
/// Parameter `gamma` (channels), initially 0.1.
///
/// Source: LayerScale of Touvron et al. 2021, <https://arxiv.org/abs/2103.17239>.
public struct ChannelScale: Layer, Leaf {
  let gamma: Slot
  public var slots: [Slot] { [gamma] }

  public init(_ channels: Int, _ name: String, _ table: inout ParameterTable) {
    gamma = table.add(name + ".gamma", [channels], .constant(0.1))
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(x.shape.channels == gamma.count, "expected \(gamma.count) channels: \(x.shape)")
    pass.save(x)
    return scaled(x, pass)
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let saved = pass.restore()
    pass.withGradient(gamma) { sums in
      let channels = sums.count
      withValues(saved, dy) { x, dy in
        parallelFor(&sums, grain: 16) { first, sums in  // over outputs, never over the batch
          for c in sums.indices {
            for i in stride(from: first + c, to: x.count, by: channels) { sums[c] += dy[i] * x[i] }
          }
        }
      }
    }
    return scaled(dy, pass)
  }

  private func scaled(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape)
    pass.withWeight(gamma) { gamma in
      x.withValues { x in
        result.withMutableValues { y in
          parallelFor(&y, grain: 16_384) { start, y in
            for i in y.indices { y[i] = gamma[(start + i) % gamma.count] * x[start + i] }
          }
        }
      }
    }
    return result
  }
}

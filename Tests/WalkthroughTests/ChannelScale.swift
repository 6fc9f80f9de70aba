public import Diffusion

/// y = γ·x with a factor for every channel; small at first, so that a block begins as almost none.
///
/// Parameter `gamma` (channels), 0.1 at first.
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
    pass.withGradient(gamma) { dGamma in
      withNumbers(saved, dy) { x, g in
        parallelFor(dGamma.count, grain: 16) { part in  // over outputs, never over the batch
          for c in part {
            for i in stride(from: c, to: g.count, by: dGamma.count) { dGamma[c] += g[i] * x[i] }
          }
        }
      }
    }
    return scaled(dy, pass)
  }

  private func scaled(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape)
    pass.withWeight(gamma) { factors in
      withNumbers(result, x) { y, x in
        parallelFor(y.count, grain: 16_384) {
          for i in $0 { y[i] = factors[i % factors.count] * x[i] }
        }
      }
    }
    return result
  }
}

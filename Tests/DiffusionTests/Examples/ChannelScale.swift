@testable public import Diffusion

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
    let (saved, channels) = (pass.restore(), gamma.count)
    if let dGamma = pass.gradient(gamma) {
      parallelFor(channels, grain: 16) { part in  // over outputs, never over the batch
        let (x, g) = (saved.pointer, dy.pointer)
        for c in part {
          for i in stride(from: c, to: dy.count, by: channels) { dGamma[c] += g[i] * x[i] }
        }
      }
    }
    return scaled(dy, pass)
  }

  private func scaled(_ x: Tensor, _ pass: Pass) -> Tensor {
    let (result, factors) = (pass.make(x.shape), pass.weight(gamma))
    let (y, x, channels) = (result.pointer, x.pointer, gamma.count)
    parallelFor(result.count, grain: 16_384) { for i in $0 { y[i] = factors[i % channels] * x[i] } }
    return result
  }
}

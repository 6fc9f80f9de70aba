internal import Platform

/// Projects the pass's condition, one number a sample, onto sines and cosines of many frequencies.
///
/// The number is a timestep t; frequency k of `channels`/2 is exp(−ln 10⁴·k / (channels/2 −
/// shift)). An odd last channel is zero. The timestep itself is not differentiated.
///
/// Source: Vaswani et al. 2017, section 3.5, in the form of Ho et al. 2020.
package struct TimestepEmbedding: Layer {
  let channels: Int
  let shift: Double
  let cosineFirst: Bool

  /// `channels` waves; `shift` and `cosineFirst` are diffusers' `downscale_freq_shift` and
  /// `flip_sin_to_cos`.
  package init(_ channels: Int, shift: Double = 1, cosineFirst: Bool = false) {
    precondition(
      channels > 0 && Double(channels / 2) != shift,
      "an embedding of \(channels) channels cannot spread its frequencies with a shift of \(shift)")
    self.channels = channels
    self.shift = shift
    self.cosineFirst = cosineFirst
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.zeros(x.shape.with(channels: channels))
    let half = channels / 2
    for sample in 0..<x.shape.batch {
      let row = result.pointer + sample * channels
      let (sines, cosines) = cosineFirst ? (row + half, row) : (row, row + half)
      for k in 0..<half {
        let frequency = Float(exp(-log(10_000) * Double(k) / (Double(half) - shift)))
        sines[k] = sinf(x.pointer[sample] * frequency)
        cosines[k] = cosf(x.pointer[sample] * frequency)
      }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.zeros(dy.shape.with(channels: 1))
  }
}

/// (sin v, cos v) of the pass's condition v = ½·ln(sigma/alpha), one number a sample.
///
/// A noise level, not a place in a list: the network stays right when the schedule changes. The
/// level itself is not differentiated.
///
/// Source: the embedding of Permenter and Yuan 2024, <https://arxiv.org/abs/2306.04848>.
package struct SigmaEmbedding: Layer {
  /// The embedding; it has no parameters.
  package init() {}

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape.with(channels: 2))
    for sample in 0..<x.shape.batch {
      result.pointer[2 * sample] = sinf(x.pointer[sample])
      result.pointer[2 * sample + 1] = cosf(x.pointer[sample])
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.zeros(dy.shape.with(channels: 1))
  }
}

/// Joins the pass's condition, (batch, 1, 1, n), to the input's channels at every position.
package struct AppendCondition: Layer {
  /// A layer that reads the pass's condition.
  package init() {}

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    let (m, n) = (x.shape.channels, condition.shape.channels)
    let result = pass.make(x.shape.with(channels: m + n))
    let perSample = x.shape.height * x.shape.width
    for position in 0..<x.shape.positions {
      let target = result.pointer + position * (m + n)
      target.update(from: x.pointer + position * m, count: m)
      (target + m).update(from: condition.pointer + position / perSample * n, count: n)
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let gradient = pass.requiredConditionGradient
    let n = gradient.shape.channels
    let m = dy.shape.channels - n
    let result = pass.make(dy.shape.with(channels: m))
    let perSample = dy.shape.height * dy.shape.width
    for position in 0..<dy.shape.positions {
      let source = dy.pointer + position * (m + n)
      (result.pointer + position * m).update(from: source, count: m)
      let target = gradient.pointer + position / perSample * n
      for j in 0..<n { target[j] += source[m + j] }
    }
    return result
  }
}

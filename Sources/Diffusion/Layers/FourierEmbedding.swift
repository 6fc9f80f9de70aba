internal import Platform

/// Sines, then cosines, of the logarithm of the input, one number a sample, at random frequencies.
///
/// Tensor `weight` (frequencies), frozen, of deviation `scale`: the frequencies in turns. The input, which is
/// above 0, is not differentiated.
///
/// Source: `GaussianFourierProjection` of diffusers, after Tancik et al. 2020.
package struct FourierEmbedding: Layer {
  let frequencies: Int
  let weight: Slot

  /// Twice as many numbers as there are frequencies.
  package init(_ frequencies: Int, scale: Float, _ name: String, _ table: inout ParameterTable) {
    self.frequencies = frequencies
    weight = table.add(
      name + ".weight", [frequencies], role: .frozen,
      // The original draws them twice, and keeps the second ones.
      .drawn { count, random in
        _ = random.normals(count)
        return random.normals(count).map { $0 * scale }
      })
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape.with(channels: 2 * frequencies))
    let weight = pass.weight(weight)
    for sample in 0..<x.shape.batch {
      let place = logf(x.pointer[sample])
      let row = result.pointer + sample * 2 * frequencies
      for k in 0..<frequencies {
        // In the original's order of float32.
        let angle = place * weight[k] * 2 * Float.pi
        row[k] = sinf(angle)
        row[frequencies + k] = cosf(angle)
      }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.zeros(dy.shape.with(channels: 1))
  }
}

/// y = x/c, where c is the pass's condition, one number a sample, which is not differentiated.
package struct DivideByCondition: Layer {
  /// A layer that reads the pass's condition.
  package init() {}

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor { divided(x, pass) }
  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { divided(dy, pass) }

  private func divided(_ x: Tensor, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    let result = pass.make(x.shape)
    result.assign(
      x, x, samples: (0..<x.shape.batch).map { (1 / Double(condition.pointer[$0]), 0) })
    return result
  }
}

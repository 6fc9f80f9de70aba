/// y = x·(1 + scale) + shift, where scale and shift are parts of the pass's condition.
///
/// Source: adaptive layer norm of Peebles and Xie 2022, <https://arxiv.org/abs/2212.09748>.
package struct Modulate: Layer {
  let scale: Int
  let shift: Int

  /// `scale` and `shift` are the first channels of their parts in the condition.
  package init(scale: Int, shift: Int) {
    self.scale = scale
    self.shift = shift
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    pass.save(x)
    pass.save(condition)
    let result = pass.make(x.shape)
    let (channels, positions) = (x.shape.channels, x.shape.height * x.shape.width)
    let (y, x, c, width) = (result.pointer, x.pointer, condition.pointer, condition.shape.channels)
    parallelTasks(result.shape.batch) { sample in
      let (factor, summand) = (c + sample * width + scale, c + sample * width + shift)
      for position in sample * positions..<(sample + 1) * positions {
        let (x, y) = (x + position * channels, y + position * channels)
        for i in 0..<channels { y[i] = x[i] * (1 + factor[i]) + summand[i] }
      }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let (condition, gradient) = (pass.restore(), pass.requiredConditionGradient)
    let saved = pass.restore()
    defer { extendLifetime((condition, saved)) }
    let result = pass.make(dy.shape)
    let (channels, positions) = (dy.shape.channels, dy.shape.height * dy.shape.width)
    let (dx, dy, x) = (result.pointer, dy.pointer, saved.pointer)
    let (c, dc, width) = (condition.pointer, gradient.pointer, condition.shape.channels)
    parallelTasks(result.shape.batch) { sample in
      let factor = c + sample * width + scale
      let (dFactor, dSummand) = (dc + sample * width + scale, dc + sample * width + shift)
      for position in sample * positions..<(sample + 1) * positions {
        let start = position * channels
        let (x, dy, dx) = (x + start, dy + start, dx + start)
        for i in 0..<channels {
          dx[i] = dy[i] * (1 + factor[i])
          dFactor[i] += dy[i] * x[i]
          dSummand[i] += dy[i]
        }
      }
    }
    return result
  }
}

/// y = x·gate, where the gate is a part of the pass's condition.
package struct Gate: Layer {
  let gate: Int

  /// `gate` is the first channel of its part in the condition.
  package init(_ gate: Int) { self.gate = gate }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    pass.save(x)
    pass.save(condition)
    let result = pass.make(x.shape)
    let (channels, positions) = (x.shape.channels, x.shape.height * x.shape.width)
    let (y, x, c, width) = (result.pointer, x.pointer, condition.pointer, condition.shape.channels)
    parallelTasks(result.shape.batch) { sample in
      let factor = c + sample * width + gate
      for position in sample * positions..<(sample + 1) * positions {
        let (x, y) = (x + position * channels, y + position * channels)
        for i in 0..<channels { y[i] = x[i] * factor[i] }
      }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let (condition, gradient) = (pass.restore(), pass.requiredConditionGradient)
    let saved = pass.restore()
    defer { extendLifetime((condition, saved)) }
    let result = pass.make(dy.shape)
    let (channels, positions) = (dy.shape.channels, dy.shape.height * dy.shape.width)
    let (dx, dy, x) = (result.pointer, dy.pointer, saved.pointer)
    let (c, dc, width) = (condition.pointer, gradient.pointer, condition.shape.channels)
    parallelTasks(result.shape.batch) { sample in
      let (factor, dFactor) = (c + sample * width + gate, dc + sample * width + gate)
      for position in sample * positions..<(sample + 1) * positions {
        let start = position * channels
        let (x, dy, dx) = (x + start, dy + start, dx + start)
        for i in 0..<channels {
          dx[i] = dy[i] * factor[i]
          dFactor[i] += dy[i] * x[i]
        }
      }
    }
    return result
  }
}

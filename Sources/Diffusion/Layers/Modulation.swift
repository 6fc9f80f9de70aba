internal import CKernels

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
      let (start, own) = (sample * positions * channels, sample * width)
      ck_modulate(y + start, x + start, c + own + scale, c + own + shift, positions, channels)
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
      let (start, own) = (sample * positions * channels, sample * width)
      ck_modulate_backward(
        dx + start, dc + own + scale, dc + own + shift, dy + start, x + start, c + own + scale,
        positions, channels)
    }
    return result
  }
}

/// y = x·gate, where the gate is a part of the pass's condition.
package struct Gate: AddingLayer {
  let gate: Int

  /// `gate` is the first channel of its part in the condition.
  package init(_ gate: Int) { self.gate = gate }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor { forward(x, other: nil, pass) }

  func forward(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    forward(x, other: other, pass)
  }

  private func forward(_ x: Tensor, other: Tensor?, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    pass.save(x)
    pass.save(condition)
    let result = pass.make(x.shape)
    let (channels, positions) = (x.shape.channels, x.shape.height * x.shape.width)
    let (y, x, c, width) = (result.pointer, x.pointer, condition.pointer, condition.shape.channels)
    let plus = other?.pointer
    parallelTasks(result.shape.batch) { sample in
      let start = sample * positions * channels
      ck_gate(
        y + start, x + start, c + sample * width + gate, plus.map { $0 + start }, positions,
        channels)
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
      let (start, own) = (sample * positions * channels, sample * width + gate)
      ck_gate_backward(
        dx + start, dc + own, dy + start, x + start, c + own, positions, channels)
    }
    return result
  }
}

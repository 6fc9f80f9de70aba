internal import CKernels

/// y = x + c at every position, where c (batch, 1, 1, channels) is the pass's condition.
public struct AddCondition: Layer {
  /// The layer; it has no parameters.
  public init() {}

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    precondition(
      condition.shape == Shape(x.shape.batch, 1, 1, x.shape.channels),
      "the condition of \(x.shape) must be (batch, 1, 1, channels), got \(condition.shape)")
    let result = pass.make(x.shape)
    let (positions, channels) = (x.shape.height * x.shape.width, x.shape.channels)
    let (y, x, c) = (result.pointer, x.pointer, condition.pointer)
    parallelTasks(result.shape.batch) { sample in
      let start = sample * positions * channels
      ck_add_row_to(y + start, x + start, c + sample * channels, positions, channels)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let (positions, channels) = (dy.shape.height * dy.shape.width, dy.shape.channels)
    let (g, dc) = (dy.pointer, pass.requiredConditionGradient.pointer)
    parallelTasks(dy.shape.batch) { sample in
      ck_column_sums(
        dc + sample * channels, g + sample * positions * channels, positions, channels)
    }
    return dy
  }
}

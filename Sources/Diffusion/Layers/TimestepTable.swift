/// One vector for every timestep, or for every class of noise: the pass's condition chooses the
/// row.
///
/// Tensor `weight` (rows, channels), frozen or trained. The timestep itself is not differentiated;
/// in between two rows it takes the nearer.
package struct TimestepTable: Layer {
  let rows: Int
  let channels: Int
  let weight: Slot

  /// A table of `rows` vectors of `channels` numbers called `name`.
  package init(
    _ rows: Int, _ channels: Int, role: Parameter.Role = .trainable,
    _ initialization: Parameter.Initialization, _ name: String,
    _ table: inout ParameterTable
  ) {
    self.rows = rows
    self.channels = channels
    weight = table.add(name + ".weight", [rows, channels], role: role, initialization)
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.save(x)
    let result = pass.make(Shape(x.shape.batch, 1, 1, channels))
    let weight = pass.weight(weight)
    for sample in 0..<x.shape.batch {
      (result.pointer + sample * channels).update(
        from: weight + row(x, sample) * channels, count: channels)
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let x = pass.restore()
    if weight.isTrainable, let gradient = pass.gradient(weight) {
      for sample in 0..<x.shape.batch {
        let target = gradient + row(x, sample) * channels
        for c in 0..<channels { target[c] += dy.pointer[sample * channels + c] }
      }
    }
    return pass.zeros(x.shape)
  }

  /// The row of a sample.
  private func row(_ x: Tensor, _ sample: Int) -> Int {
    let timestep = x.pointer[sample]
    let row = timestep.rounded()
    precondition(
      row >= 0 && row < Float(rows),
      "a table of \(rows) timesteps has rows 0 to \(rows - 1), got \(timestep)")
    return Int(row)
  }
}

/// One vector per class: the rows of a table, selected by the pass's labels.
///
/// Parameter `weight` (classes, channels), initially normal. Only the batch size of the input matters.
public struct LabelEmbedding: Layer {
  let classes: Int
  let channels: Int
  let weight: Slot

  /// `classes` includes the null label where the network has one.
  public init(_ classes: Int, _ channels: Int, _ name: String, _ table: inout ParameterTable) {
    self.classes = classes
    self.channels = channels
    weight = table.add(name + ".weight", [classes, channels], .normal(deviation: 1))
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      pass.labels.count == x.shape.batch && pass.labels.allSatisfy((0..<classes).contains),
      "expected \(x.shape.batch) labels below \(classes), got \(pass.labels)")
    let result = pass.make(Shape(x.shape.batch, 1, 1, channels))
    let rows = pass.weight(weight)
    for (sample, label) in pass.labels.enumerated() {
      (result.pointer + sample * channels).update(from: rows + label * channels, count: channels)
    }
    pass.save(x.shape)
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    if let rows = pass.gradient(weight) {
      for (sample, label) in pass.labels.enumerated() {
        for c in 0..<channels { rows[label * channels + c] += dy.pointer[sample * channels + c] }
      }
    }
    return pass.zeros(pass.restoreShape())
  }
}

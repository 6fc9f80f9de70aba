/// The outputs of several layers on the same input, joined along the channels.
public struct Concatenate: Layer {
  let branches: [any Layer]

  /// Branches that all read the same input.
  public init(@LayerBuilder _ branches: () -> [any Layer]) { self.branches = branches() }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let outputs = branches.map { $0.run(x, pass) }
    for output in outputs { pass.save(output.shape) }
    let result = pass.make(x.shape.with(channels: outputs.reduce(0) { $0 + $1.shape.channels }))
    var channel = 0
    for output in outputs {
      copyChannels(from: output, 0, to: result, channel, count: output.shape.channels)
      channel += output.shape.channels
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let shapes = branches.map { _ in pass.restoreShape() }.reversed()
    var channel = dy.shape.channels
    var total: Tensor?
    for (branch, shape) in zip(branches, shapes).reversed() {
      channel -= shape.channels
      let part = pass.make(shape)
      copyChannels(from: dy, channel, to: part, 0, count: shape.channels)
      let dx = branch.runBackward(part, pass)
      total = total.map { sum($0, dx, pass) } ?? dx
    }
    return total ?? pass.zeros(dy.shape)
  }
}

/// The sum of the outputs of several layers on the same input.
public struct Sum: Layer {
  let branches: [any Layer]

  /// Branches that all read the same input and have outputs of the same shape.
  public init(@LayerBuilder _ branches: () -> [any Layer]) {
    self.branches = branches()
    precondition(!self.branches.isEmpty, "a sum needs a branch")
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let first = branches[0].run(x, pass)
    return branches.dropFirst().reduce(first) { sum($0, $1.run(x, pass), pass) }
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let last = branches[branches.count - 1].runBackward(dy, pass)
    return branches.dropLast().reversed().reduce(last) { sum($0, $1.runBackward(dy, pass), pass) }
  }
}

/// Copies `count` channels at every position, from the channel `first` on to the channel `start`.
func copyChannels(from source: Tensor, _ first: Int, to target: Tensor, _ start: Int, count: Int) {
  let (m, n) = (source.shape.channels, target.shape.channels)
  let (x, y) = (source.pointer + first, target.pointer + start)
  parallelFor(source.shape.positions, grain: 1024) { positions in
    for position in positions { (y + position * n).update(from: x + position * m, count: count) }
  }
}

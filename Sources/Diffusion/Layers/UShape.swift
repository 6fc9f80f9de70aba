/// The shape of a U-Net: each down stage stores its output, and the matching up stage concatenates it to
/// the channels of its input.
///
/// Odd sizes that were halved and doubled no longer match: where the input of an up stage is larger than
/// the stored output, its last rows and columns are cropped; where it is smaller, it is padded with zeros,
/// with the wider side below and to the right.
public struct UShape: Layer {
  let down: [any Layer]
  let middle: Sequential
  let up: [any Layer]

  /// Stages that halve, the layers in the middle, and equally many stages that double.
  public init(
    @LayerBuilder down: () -> [any Layer], @LayerBuilder middle: () -> [any Layer],
    @LayerBuilder up: () -> [any Layer]
  ) {
    self.down = down()
    self.middle = Sequential(middle)
    self.up = up()
    precondition(
      self.down.count == self.up.count,
      "a U has as many stages down as up, got \(self.down.count) and \(self.up.count)")
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    var h = x
    var skips: [Tensor] = []
    for stage in down {
      h = pass.runBlock(h) { stage.run($0, pass) }
      skips.append(h)
    }
    h = pass.runBlock(h) { middle.run($0, pass) }
    for stage in up {
      let skip = skips.removeLast()
      pass.save(h.shape)
      pass.save(skip.shape)
      h = pass.runBlock(concatenate(h, skip, pass)) { stage.run($0, pass) }
    }
    return h
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    var g = dy
    var skips: [Tensor] = []
    for stage in up.reversed() {
      let joined = backward(of: stage, g, pass)
      let skip = pass.restoreShape()
      let (dh, dskip) = separate(joined, pass.restoreShape(), skip, pass)
      g = dh
      skips.append(dskip)
    }
    g = backward(of: middle, g, pass)
    for stage in down.reversed() {
      g = backward(of: stage, sum(g, skips.removeLast(), pass), pass)
    }
    return g
  }

  private func backward(of stage: any Layer, _ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.runBlockBackward(
      dy, forward: { stage.run($0, pass) }, backward: { stage.runBackward($0, pass) })
  }
}

/// (h fitted to the height and width of `skip`, skip), joined along the channels.
private func concatenate(_ h: Tensor, _ skip: Tensor, _ pass: Pass) -> Tensor {
  let (m, n) = (h.shape.channels, skip.shape.channels)
  let fit = Fit(h.shape, skip.shape)
  let result = pass.make(skip.shape.with(channels: m + n))
  let (out, x, y) = (result.pointer, h.pointer, skip.pointer)
  fit.forEachPosition { inner, position in
    let target = out + position * (m + n)
    if let inner {
      target.update(from: x + inner * m, count: m)
    } else {
      target.update(repeating: 0, count: m)
    }
    (target + m).update(from: y + position * n, count: n)
  }
  return result
}

/// The transpose of `concatenate`: what was cropped had no influence.
private func separate(
  _ joined: Tensor, _ hShape: Shape, _ skipShape: Shape, _ pass: Pass
) -> (Tensor, Tensor) {
  let (m, n) = (hShape.channels, skipShape.channels)
  let fit = Fit(hShape, skipShape)
  let dh = fit.crops ? pass.zeros(hShape) : pass.make(hShape)
  let dskip = pass.make(skipShape)
  let (g, dx, dy) = (joined.pointer, dh.pointer, dskip.pointer)
  fit.forEachPosition { inner, position in
    let source = g + position * (m + n)
    if let inner { (dx + inner * m).update(from: source, count: m) }
    (dy + position * n).update(from: source + m, count: n)
  }
  return (dh, dskip)
}

/// How an image is laid over another of a different size.
private struct Fit {
  let inner: Shape
  let outer: Shape
  let top: Int
  let left: Int

  init(_ inner: Shape, _ outer: Shape) {
    precondition(inner.batch == outer.batch, "batches differ: \(inner) and \(outer)")
    self.inner = inner
    self.outer = outer
    top = max(0, outer.height - inner.height) / 2
    left = max(0, outer.width - inner.width) / 2
  }

  var crops: Bool { inner.height > outer.height || inner.width > outer.width }

  /// Calls `body` for every position of the outer image, with the inner one's there, if any.
  func forEachPosition(_ body: (_ inner: Int?, _ outer: Int) -> Void) {
    parallelFor(outer.batch * outer.height, grain: 64) { lines in
      for line in lines {
        let y = line % outer.height - top
        let start = (line / outer.height * inner.height + y) * inner.width
        for column in 0..<outer.width {
          let x = column - left
          let isInside = (0..<inner.height).contains(y) && (0..<inner.width).contains(x)
          body(isInside ? start + x : nil, line * outer.width + column)
        }
      }
    }
  }
}

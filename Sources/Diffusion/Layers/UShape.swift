/// The shape of a U-Net: down stages push what they make, up stages take it back, joined to their
/// input behind its channels.
///
/// Where the input of an up stage is larger than what it takes back, which happens when an odd side
/// was halved and doubled, its last rows and columns are cropped.
public struct UShape: Layer {
  let down: [any Layer]
  let middle: Sequential
  let up: [any Layer]

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
      h = stage.forward(h, pass)
      skips.append(h)
    }
    h = middle.forward(h, pass)
    for stage in up {
      let skip = skips.removeLast()
      pass.save(h.shape)
      pass.save(skip.shape)
      h = stage.forward(concatenate(h, skip, pass), pass)
    }
    return h
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    var g = dy
    var skips: [Tensor] = []
    for stage in up.reversed() {
      let joined = stage.backward(g, pass)
      let skip = pass.restoreShape()
      let (dh, dskip) = separate(joined, pass.restoreShape(), skip, pass)
      g = dh
      skips.append(dskip)
    }
    g = middle.backward(g, pass)
    for stage in down.reversed() {
      g = stage.backward(sum(g, skips.removeLast(), pass), pass)
    }
    return g
  }
}

/// (h cropped to the height and width of `skip`, skip), joined along the channels.
private func concatenate(_ h: Tensor, _ skip: Tensor, _ pass: Pass) -> Tensor {
  requireCrop(h.shape, skip.shape)
  let (m, n) = (h.shape.channels, skip.shape.channels)
  let out = pass.make(skip.shape.with(channels: m + n))
  forEachLine(h.shape, skip.shape) { hLine, skipLine in
    for x in 0..<skip.shape.width {
      let target = out.pointer + (skipLine * skip.shape.width + x) * (m + n)
      target.update(from: h.pointer + (hLine * h.shape.width + x) * m, count: m)
      (target + m).update(
        from: skip.pointer + (skipLine * skip.shape.width + x) * n, count: n)
    }
  }
  return out
}

/// The transpose of `concatenate`: what was cropped had no influence.
private func separate(
  _ joined: Tensor, _ hShape: Shape, _ skipShape: Shape, _ pass: Pass
) -> (Tensor, Tensor) {
  let (m, n) = (hShape.channels, skipShape.channels)
  let cropped = hShape.positions != skipShape.positions
  let dh = cropped ? pass.zeros(hShape) : pass.make(hShape)
  let dskip = pass.make(skipShape)
  forEachLine(hShape, skipShape) { hLine, skipLine in
    for x in 0..<skipShape.width {
      let source = joined.pointer + (skipLine * skipShape.width + x) * (m + n)
      (dh.pointer + (hLine * hShape.width + x) * m).update(from: source, count: m)
      (dskip.pointer + (skipLine * skipShape.width + x) * n).update(from: source + m, count: n)
    }
  }
  return (dh, dskip)
}

/// Pairs the picture lines of two shapes, those of `h` beyond the height of `skip` left out.
private func forEachLine(_ h: Shape, _ skip: Shape, _ body: (_ h: Int, _ skip: Int) -> Void) {
  parallelFor(skip.batch * skip.height, grain: 64) { lines in
    for line in lines { body(line / skip.height * h.height + line % skip.height, line) }
  }
}

private func requireCrop(_ h: Shape, _ skip: Shape) {
  precondition(
    h.batch == skip.batch && h.height >= skip.height && h.width >= skip.width,
    "an up stage's input \(h) cannot be cropped to what it takes back, \(skip)")
}

extension Tensor {
  /// A tensor of values given in PyTorch's order, (batch, channels, height, width).
  public init(channelsFirst values: [Float], _ shape: Shape) {
    self.init(shape)
    assign(channelsFirst: values)
  }

  /// Copies values given in PyTorch's order, (batch, channels, height, width).
  public func assign(channelsFirst values: [Float]) {
    precondition(values.count == count, "\(shape) holds \(count) numbers, got \(values.count)")
    values.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      let (positions, channels) = (shape.height * shape.width, shape.channels)
      for sample in 0..<shape.batch {
        let start = sample * shape.sampleCount
        transpose(source + start, rows: channels, columns: positions, into: pointer + start)
      }
    }
  }

  /// A copy of the values in PyTorch's order, (batch, channels, height, width).
  public var channelsFirst: [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let out = buffer.baseAddress {
        let (positions, channels) = (shape.height * shape.width, shape.channels)
        for sample in 0..<shape.batch {
          let start = sample * shape.sampleCount
          transpose(pointer + start, rows: positions, columns: channels, into: out + start)
        }
      }
      initialized = count
    }
  }
}

/// Writes the (rows, columns) matrix `source` as (columns, rows).
func transpose(
  _ source: UnsafePointer<Float>, rows: Int, columns: Int,
  into target: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
  }
}

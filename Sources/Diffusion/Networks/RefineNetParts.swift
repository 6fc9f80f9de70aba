/// Makes the parts of the noise-conditional score network with their original names.
struct RefineNetParts {
  /// The number of classes of noise.
  let classes: Int
  var table: ParameterTable

  mutating func convolution(
    _ input: Int, _ output: Int, dilation: Int = 1, bias: Bool = true, _ name: String
  ) -> any Layer {
    Conv2d(input, output, KernelGeometry(3, dilation: dilation), bias: bias, name, &table)
  }

  /// A norm whose factors are a row of a table, chosen by the class of noise.
  mutating func norm(_ channels: Int, _ name: String) -> any Layer {
    let factors = TimestepTable(
      classes, 3 * channels, .normal(deviation: 1), name + ".embed", &table)
    let classes = classes
    table.redraw(
      name + ".embed.weight",
      .drawn { _, random in
        // The first two thirds of every row around 1, number by number as PyTorch does where
        // memory has gaps; the last third is zero.
        (0..<classes).flatMap { _ in
          (0..<2 * channels).map { _ in 1 + 0.02 * random.normals(1)[0] }
            + [Float](repeating: 0, count: channels)
        }
      })
    return Conditioned(factors) { ClassNorm() }
  }

  /// Two convolutions beside a shortcut; where it `halves`, dilated blocks keep the size and look
  /// further instead.
  mutating func residual(
    _ input: Int, _ output: Int, _ dilation: Int, halves: Bool, _ name: String
  ) -> any Layer {
    let middle = halves ? input : output
    let conv1 = convolution(input, middle, dilation: dilation, name + ".conv1")
    let norm2 = norm(middle, name + ".normalize2")
    var (conv2, shortcut): (any Layer, (any Layer)?)
    if halves && dilation == 1 {
      conv2 = halving(Conv2d(middle, output, name + ".conv2.conv", &table))
      shortcut = halving(Conv2d(input, output, kernel: 1, name + ".shortcut.conv", &table))
    } else {
      conv2 = convolution(middle, output, dilation: dilation, name + ".conv2")
      shortcut =
        halves ? convolution(input, output, dilation: dilation, name + ".shortcut") : nil
    }
    let norm1 = norm(input, name + ".normalize1")
    return Residual(shortcut: shortcut) {
      norm1
      ELU()
      conv1
      norm2
      ELU()
      conv2
    }
  }

  private func halving(_ convolution: Conv2d) -> any Layer {
    Sequential([convolution, AveragePool2d(2)])
  }

  mutating func refinement(
    _ inputs: [Int], _ output: Int, units count: Int, _ name: String
  ) -> Refinement {
    let adapt = inputs.indices.map { units(inputs[$0], 2, "\(name).adapt_convs.\($0)") }
    let last = units(output, count, name + ".output_convs")
    var fuse: [any Layer] = []
    if inputs.count > 1 {
      for (index, input) in inputs.enumerated() {
        let conv = convolution(input, output, "\(name).msf.convs.\(index)")
        fuse.append(Sequential([norm(input, "\(name).msf.norms.\(index)"), conv]))
      }
    }
    let pooling = pooling(output, name + ".crp")
    return Refinement(adapt: adapt, fuse: fuse, tail: Sequential([pooling, last]))
  }

  /// Residual units of two normalised convolutions without bias.
  private mutating func units(_ channels: Int, _ count: Int, _ name: String) -> any Layer {
    var units: [any Layer] = []
    for block in 1...count {
      var layers: [any Layer] = []
      for stage in 1...2 {
        let unit = "\(name).\(block)_\(stage)"
        layers += [norm(channels, unit + "_norm"), ELU()]
        layers.append(convolution(channels, channels, bias: false, unit + "_conv"))
      }
      units.append(Residual { layers })
    }
    return Sequential(units)
  }

  /// x + f₁(x) + f₂(f₁(x)): what is seen in windows of 5×5, and again of 5×5.
  private mutating func pooling(_ channels: Int, _ name: String) -> any Layer {
    let windows: [any Layer] = (0..<2).map { index in
      let norm = norm(channels, "\(name).norms.\(index)")
      let conv = convolution(channels, channels, bias: false, "\(name).convs.\(index)")
      return Sequential([norm, AveragePool2d(5, stride: 1, padding: 2), conv])
    }
    return Sequential {
      ELU()
      Residual {
        windows[0]
        Residual { windows[1] }
      }
    }
  }
}

/// One hidden layer that is not conditioned on the noise level.
package struct DenseConfiguration: Architecture {
  package static let name = "dense"
  package static let meaning = "one hidden layer, not conditioned on the noise level, for signals"
  package static let exampleShape = Shape(1, 1, 100, 1)

  /// The width of the hidden layer.
  package var hidden = 128

  package init() {}

  package static let table: [Setting<Self>] = [
    .integer(\.hidden, "hidden", 1...8192, "width of the hidden layer")
  ]

  package func makeNetwork(for sampleShape: Shape) -> Network {
    .dense(sampleShape, hidden: hidden)
  }
}

extension Network {
  /// One hidden layer between a flattened sample and its clean version; it is not conditioned on the noise level.
  ///
  /// Source: the Keras network of "denoising a sine wave", Flatten – Dense(128, relu) – Dense –
  /// Reshape.
  package static func dense(_ sampleShape: Shape, hidden: Int = 128) -> Network {
    var table = ParameterTable()
    let size = sampleShape.sampleCount
    let body = Sequential {
      Reshape(1, 1, size)
      Linear(size, hidden, "net.0", &table)
      ReLU()
      Linear(hidden, size, "net.2", &table)
      Reshape(sampleShape.height, sampleShape.width, sampleShape.channels)
    }
    return Network(
      name: "dense", sampleShape: sampleShape, noiseInput: .none, scalesInput: false, table: table,
      body: body)
  }
}

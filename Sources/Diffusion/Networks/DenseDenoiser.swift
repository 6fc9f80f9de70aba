extension Network {
  /// One hidden layer between a flattened sample and its clean version; it is told no noise level.
  ///
  /// Source: the Keras network of "denoising a sine wave", Flatten – Dense(128, relu) – Dense –
  /// Reshape.
  public static func dense(_ sampleShape: Shape, hidden: Int = 128) -> Network {
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

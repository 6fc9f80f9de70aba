import Diffusion

/// What the model asks the world to do: the only way out of ``WorkbenchModel``.
enum Effect: Sendable {
  /// Tell the training run.
  case training(RunCommand)
  /// Draw the samples of a preview, or those of the Denoise screen.
  case sample(SamplingRequest, SampleSlot)
  /// Write the pictures of a frame as PNG.
  case export(ExportRequest)
  /// Remember the choice of theme and pictures.
  case saveSettings(Settings)
  /// Leave once the training run has saved.
  case stopAndQuit
  /// Leave now.
  case quit
  case suspend
  case redraw
}

/// Which of the two sampling runs.
enum SampleSlot: Hashable, Sendable {
  case preview
  case denoise
}

/// Pictures to write.
struct ExportRequest: Sendable {
  var path: String
  var format: SampleFormat
  /// One sample behind the other.
  var values: [Float]
}

/// What the user chose for good.
struct Settings: Sendable, Hashable {
  var theme = "dark"
  var pictures = "half-blocks"
}

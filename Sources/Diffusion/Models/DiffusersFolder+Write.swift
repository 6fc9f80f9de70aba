internal import Platform

extension DiffusersFolder {
  /// The mark in the weights' metadata by which a folder of ours is known.
  private static let writer = ("writer", "diffusion-workbench")

  /// Writes a folder that the pipelines of diffusers load.
  ///
  /// Each file is replaced as a whole, the index last. A folder that exists must be empty or one
  /// that was written here.
  ///
  /// - Precondition: names occur once, and each shape has as many elements as there are values.
  package static func write(
    _ unet: UNet2DConfiguration, _ scheduler: SchedulerConfiguration, tensors: TensorSource,
    to path: String
  ) throws(FileError) {
    // First what can fail without anything having been written.
    let schedulerJSON = try scheduler.json(for: path)
    let kind = try scheduler.scheduler(for: path)
    try checkMayReplace(path)
    let parts = ["\(path)/\(unetFolder)", "\(path)/\(schedulerFolder)"]
    for folder in [path] + parts { try Folder.make(folder) }

    // The weights carry the mark, so that a folder which was never finished is known as well.
    try SafeTensors.write(
      tensors.items(), metadata: [("format", "pt"), writer],
      to: "\(parts[0])/\(weights)")
    try replace("\(parts[0])/\(unetConfiguration)", unet.json)
    try replace("\(parts[1])/\(schedulerConfiguration)", schedulerJSON)
    try replace(
      "\(path)/\(index)",
      [
        "_class_name": .string(kind.pipeline ?? "DDPMPipeline"),
        "scheduler": ["diffusers", .string(kind.name)],
        "unet": ["diffusers", "UNet2DModel"],
      ])
  }

  private static func replace(_ path: String, _ json: JSON) throws(FileError) {
    try AtomicFile.replace(path, with: Array("\(json.indented)\n".utf8))
  }

  /// Refuses anything that somebody else may want to keep.
  private static func checkMayReplace(_ path: String) throws(FileError) {
    switch PathKind(path) {
    case .nothing: return
    case .other: throw FileError(path, .unwritable, "is a file; expected a folder or nothing")
    case .folder: break
    }
    let file = "\(path)/\(unetFolder)/\(weights)"
    if PathKind(file) == .other {
      let (key, value) = writer
      if try SafeTensors(contentsOf: file).metadata[key] == value { return }
    } else if isEmpty(path) {
      return
    }
    throw FileError(
      path, .unwritable,
      "holds files that were not written here; expected an empty folder or a name for a new one")
  }

  /// Whether nothing is in a folder but the two that are made in it, and files never finished.
  private static func isEmpty(_ path: String) -> Bool {
    func hasFiles(_ folder: String, besides: [String] = []) -> Bool {
      Folder.names(in: folder).contains {
        !$0.hasSuffix(AtomicFile.suffix) && !besides.contains($0)
      }
    }
    let parts = [unetFolder, schedulerFolder]
    return !hasFiles(path, besides: parts) && !parts.contains { hasFiles("\(path)/\($0)") }
  }
}

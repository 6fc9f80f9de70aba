import Foundation
import Testing

@testable import Diffusion

@Suite("Weights in diffusers folders")
struct DiffusersWeightsTests {
  private static let tiny = Fixture.folder.appending(path: "diffusers-tiny").path

  private func entry(_ name: String, _ shape: [Int]) -> TensorSource.Entry {
    TensorSource.Entry(name: name, shape: shape)
  }

  private func tensor(_ name: String, _ shape: [Int] = [1]) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) })
  }

  @Test(
    "Old names of attention become those of today, convolutions of one pixel matrices",
    arguments: [
      ("mid_block.attentions.0.query.weight", "mid_block.attentions.0.to_q.weight"),
      ("down_blocks.1.attentions.2.key.bias", "down_blocks.1.attentions.2.to_k.bias"),
      ("up_blocks.0.attentions.0.value.weight", "up_blocks.0.attentions.0.to_v.weight"),
      ("mid_block.attentions.0.proj_attn.weight", "mid_block.attentions.0.to_out.0.weight"),
    ])
  func oldNames(_ old: String, _ new: String) {
    let renamed = DiffusersFolder.renamed(entry(old, [2, 3, 1, 1]))
    #expect(renamed.name == new)
    #expect(renamed.shape == [2, 3])
    #expect(DiffusersFolder.renamed(entry(old, [2, 3])).shape == [2, 3])
  }

  @Test(
    "Other names and shapes stay",
    arguments: [
      "mid_block.attentions.0.group_norm.weight", "key.weight", "mid_block.resnets.0.key.weight",
      "mid_block.attentions.0.to_q.weight", "attentions.query.weight", "",
    ])
  func otherNames(_ name: String) {
    let entry = entry(name, [2, 3, 1, 1])
    #expect(DiffusersFolder.renamed(entry) == entry)
  }

  /// A folder with the configurations of the fixture and weights of one's own.
  private func withWeights<Result>(
    _ name: String, _ bytes: (String) throws -> Void, _ body: (String) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let copy = folder + "/copy"
      try FileManager.default.copyItem(atPath: Self.tiny, toPath: copy)
      let old = copy + "/unet/diffusion_pytorch_model.safetensors"
      try FileManager.default.removeItem(atPath: old)
      try bytes("\(copy)/unet/\(name)")
      return try body(copy)
    }
  }

  /// Enough numbers for the network that is described.
  private var filler: NamedTensor { tensor("filler", [100_000]) }

  @Test("A tensor under its old name and that of today is refused")
  func twice() throws {
    let names = ["mid_block.attentions.0.to_q.bias", "mid_block.attentions.0.query.bias"]
    try withWeights("diffusion_pytorch_model.safetensors") { path in
      try SafeTensors.write((names.map { tensor($0) } + [filler]).map { .tensor($0) }, to: path)
    } _: { folder in
      let error = fileError { try DiffusersFolder(contentsOf: folder).tensors() }
      #expect(error?.kind == .mismatch)
      #expect(error?.problem.contains("twice, in two files or under an older name") == true)
    }
  }

  @Test("Weights in PyTorch's own format are read")
  func bin() throws {
    let archive = ArchiveBytes(
      pickle: PickleBytes.bytes(
        .dictionary([(.text("mid_block.attentions.0.key.bias"), .tensor(of: 30_000, [3]))])),
      storages: [("0", storage((0..<30_000).map { Float($0) }))])
    try withWeights("diffusion_pytorch_model.bin") { path in
      try put(archive.bytes, path)
    } _: { folder in
      let tensors = try DiffusersFolder(contentsOf: folder).tensors().tensors()
      #expect(tensors.map(\.name) == ["mid_block.attentions.0.to_k.bias"])
      #expect(tensors.map(\.values) == [[0, 1, 2]])
    }
  }

  @Test("Weights in several files are read as one, by their index")
  func sharded() throws {
    let all = try DiffusersFolder(contentsOf: Self.tiny).tensors().tensors()
    let names = ["part-1.safetensors", "part-2.safetensors"]
    let map = all.enumerated().map { "\"\($1.name)\": \"\(names[$0 % 2])\"" }
    try withWeights("diffusion_pytorch_model.safetensors.index.json") { path in
      try put("{\"weight_map\": {\(map.joined(separator: ", "))}}", path)
      let folder = path.replacing("/diffusion_pytorch_model.safetensors.index.json", with: "")
      for (part, name) in names.enumerated() {
        try SafeTensors.write(
          all.enumerated().filter { $0.offset % 2 == part }.map { .tensor($0.element) },
          to: "\(folder)/\(name)")
      }
    } _: { folder in
      let found = try DiffusersFolder(contentsOf: folder).tensors().tensors()
      #expect(found.map(\.name).sorted() == all.map(\.name).sorted())
      for tensor in all {
        #expect(found.first { $0.name == tensor.name }?.values == tensor.values)
      }
      #expect(try Model(contentsOf: folder).network.table.parameters.count == all.count)
    }
  }

  @Test(
    "An index that names no files beside it is refused",
    arguments: ["{}", #"{"weight_map": {}}"#, #"{"weight_map": {"a": "../a.safetensors"}}"#])
  func wrongIndex(_ text: String) throws {
    try withWeights("diffusion_pytorch_model.safetensors.index.json") { path in
      try put(text, path)
    } _: { folder in
      let error = fileError { try DiffusersFolder(contentsOf: folder) }
      #expect(error?.problem.contains("expected a file beside it for each tensor") == true)
    }
  }

  @Test("A network far larger than its weights is refused before there is room for it")
  func tooLarge() throws {
    try withWeights("diffusion_pytorch_model.safetensors") { path in
      try SafeTensors.write([.tensor(filler)], to: path)
    } _: { folder in
      let path = "\(folder)/unet/config.json"
      var configuration = UNet2DConfiguration()
      configuration.blockOutChannels = [65536, 65536, 65536, 65536]
      try FileManager.default.removeItem(atPath: path)
      try put(configuration.json.description, path)
      let error = fileError { try DiffusersFolder(contentsOf: folder) }
      #expect(error?.kind == .mismatch)
      #expect(error?.problem.hasPrefix("describes a network of more than ") == true)
    }
  }

  @Test("The bound on a network's size is below its true size")
  func leastParameters() {
    var cifar = UNet2DConfiguration()
    (cifar.blockOutChannels, cifar.attentionHeadDim) = ([128, 256, 256, 256], nil)
    cifar.downBlocks = [.plain, .attention, .plain, .plain]
    cifar.upBlocks = [.plain, .plain, .attention, .plain]
    let whole = Double(Network.unet2D(Shape(1, 32, 32, 3), cifar).table.count)
    #expect(whole == 35_746_307)
    #expect(cifar.leastParameters < whole)
    #expect(cifar.leastParameters > whole / 8)
  }

  @Test("A folder whose writing was interrupted is written anew, one with other files is not")
  func interrupted() throws {
    let original = try DiffusersFolder(contentsOf: Self.tiny)
    let (scheduler, tensors) = (try #require(original.scheduler), try original.tensors())
    func write(_ path: String) throws {
      try DiffusersFolder.write(original.unet, scheduler, tensors: tensors, to: path)
    }
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/unet", withIntermediateDirectories: true)
      try put([1], "\(folder)/unet/.diffusion_pytorch_model.safetensors.1.partial")
      try write(folder)
      #expect(
        try DiffusersFolder(contentsOf: folder).tensors().tensors()
          == original.tensors().tensors())
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
          == ["model_index.json", "scheduler", "unet"])
      for name in ["model_index.json", "unet/config.json"] {
        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      }
      try write(folder)
    }
    try withTemporaryFolder { folder in
      try put("a note", "\(folder)/notes.txt")
      #expect(fileError { try write(folder) }?.kind == .unwritable)
      #expect(fileError { try write("\(folder)/notes.txt") }?.kind == .unwritable)
      #expect(fileError { try write("\(folder)/no/such") }?.kind == .unwritable)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes.txt"])
    }
  }

  @Test("Weights are listed as they stand in the file; what is not there or empty is an error")
  func opening() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x"
      try SafeTensors.write(
        [.tensor(tensor("ema.w", [2])), .tensor(tensor("model.w", [3]))],
        metadata: [("format", "pt")], to: path)
      let tensors = try TensorSource(contentsOf: path)
      #expect(tensors.entries == [entry("ema.w", [2]), entry("model.w", [3])])
      #expect(try tensors.values(at: 1) == tensor("model.w", [3]).values)
      #expect(fileError { try TensorSource(contentsOf: "\(folder)/none") }?.kind == .missing)
      try put([], path)
      #expect(fileError { try TensorSource(contentsOf: path) }?.kind == .unrecognized)
    }
  }
}

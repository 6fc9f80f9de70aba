import Testing

@testable import Diffusion

@Suite("Summaries of networks")
struct NetworkSummaryTests {
  private func summary(_ name: String) throws -> NetworkSummary {
    try #require(TestedNetworks.all[name]).summary()
  }

  private func row(
    _ summary: NetworkSummary, _ name: String
  ) throws -> NetworkSummary.Row {
    try #require(summary.rows.first { $0.name == name }, "no \(name)")
  }

  @Test("the rows have every tensor of the network once", arguments: TestedNetworks.names)
  func rowsAddUp(_ name: String) throws {
    let network = try #require(TestedNetworks.all[name])
    let summary = network.summary()
    let parameters = summary.rows.map(\.parameters)
    #expect(parameters.reduce(0) { $0 + $1.trainable } == network.table.trainableCount)
    #expect(parameters.reduce(0) { $0 + $1.total } == network.table.count)
    #expect(parameters.reduce(0) { $0 + $1.frozen } == summary.parameters.frozen)
    #expect(parameters.reduce(0) { $0 + $1.statistics } == summary.parameters.statistics)
    #expect(summary.parameters.total == network.table.count)
    #expect(summary.rows.last?.output == network.sampleShape)
    for row in summary.rows where row.parameters.total > 0 { #expect(!row.name.isEmpty) }
    let shares = summary.rows.reduce(0) { $0 + summary.share(of: $1) }
    #expect(abs(shares - 1) < 1e-12)
  }

  @Test("names are what tensors have in common, sides and order those of the computation")
  func articleUNet() throws {
    let summary = Network.articleUNet(Shape(1, 32, 32, 3)).summary()
    #expect(summary.parameters.trainable == 33_078_526)
    #expect(summary.parameters.frozen == 100_000)
    #expect(summary.rows.first?.kind == "TimestepTable 1000")
    #expect(summary.rows.first?.name == "time_embed")
    let stem = try row(summary, "conv1.conv.0")
    #expect(stem.kind == "Conv2d 3×3")
    #expect(stem.output == Shape(1, 32, 32, 64))
    #expect(stem.parameters == .init(trainable: 3 * 9 * 64 + 64))
    #expect(stem.multiplications == 32 * 32 * 9 * 3 * 64)
    let norm = try row(summary, "conv1.conv.1")
    #expect(norm.kind == "BatchNorm2d, ReLU")
    #expect(norm.parameters == .init(trainable: 128, statistics: 129))
    #expect(norm.multiplications == 0)
    let up = try row(summary, "up1.up.up_scale")
    #expect(up.kind == "ConvTranspose2d 2×2 /2")
    #expect(up.output == Shape(1, 4, 4, 512))
    #expect(up.multiplications == 2 * 2 * 1024 * 4 * 512)
    #expect(try row(summary, "te1.2").output == Shape(1, 1, 1, 3))
    #expect(summary.rows.contains { $0.kind == "MaxPool2d 2" && $0.name.isEmpty })
    let names = summary.rows.map(\.name)
    let ends = try ["te1.0", "conv1.conv.0", "down4.conv.conv.0", "last_conv"].map {
      try #require(names.firstIndex(of: $0))
    }
    #expect(ends == ends.sorted())
  }

  @Test("attention counts its two products, a fused norm is one row")
  func attention() throws {
    let summary = try summary("sd-unet")
    let attention = try #require(summary.rows.first { $0.kind == "Attention 1 head" })
    #expect(attention.output == Shape(1, 7, 7, 128))
    #expect(attention.multiplications == 2 * 49 * 49 * 128)
    #expect(attention.parameters.total == 0)
    #expect(summary.rows.contains { $0.kind == "GroupNorm 32, SiLU" })
    #expect(try row(summary, "sig_embed.mlp.2").multiplications == 256 * 256)
    #expect(try self.summary("dit").rows.contains { $0.kind == "Attention 2 heads" })
  }

  @Test("dense layers multiply once a weight")
  func dense() throws {
    let summary = try summary("dense")
    #expect(summary.parameters == .init(trainable: 25_828))
    #expect(summary.multiplications == 2 * 100 * 128)
    #expect(summary.rows.map(\.kind) == ["Reshape", "Linear", "ReLU", "Linear", "Reshape"])
    #expect(summary.rows.map(\.name) == ["", "net.0", "", "net.2", ""])
    #expect(summary.share(of: summary.rows[1]) == 0.5)
  }

  @Test("convolutions along signals are called so, those of one tap too")
  func signals() throws {
    let kinds = Set(try summary("unet-1d").rows.map(\.kind))
    #expect(kinds.isSuperset(of: ["Conv1d 3", "Conv1d 3 /2", "Conv1d 1"]))
    #expect(!kinds.contains { $0.hasPrefix("Conv2d") })
  }

  @Test("kernels and pools say how far they step and reach")
  func windows() throws {
    let kinds = Set(try summary("ncsn").rows.map(\.kind))
    #expect(
      kinds.isSuperset(of: ["Conv2d 3×3, dilated 4", "AveragePool2d 2", "AveragePool2d 5 /1"]))
    #expect(try summary("unet2d-a").rows.contains { $0.kind == "Conv2d 3×3 /2" })
  }

  @Test("a layer that runs twice has its parameters in the first row only")
  func shared() {
    var table = ParameterTable()
    let layer = Linear(3, 3, "a", &table)
    let network = Network(
      name: "twice", sampleShape: Shape(1, 1, 1, 3), noiseInput: .none, table: table,
      body: Sequential([layer, layer]))
    let rows = network.summary().rows
    #expect(rows.map(\.parameters.total) == [12, 0])
    #expect(rows.map(\.multiplications) == [9, 9])
  }
}

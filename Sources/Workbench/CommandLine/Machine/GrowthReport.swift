import Diffusion
import TUI

/// How cost scales, as `workbench bench --growth` measures it and `workbench plot growth` draws it.
struct GrowthReport: Codable, Sendable, Equatable {
  /// What grows.
  enum Series: String, Codable, CaseIterable, Sendable {
    /// Samples of a batch, through the network of the recipe `digits`.
    case batch
    /// The side of images in pixels, through the same network.
    case side
    /// Samples of the training data.
    case samples
    /// Steps of a run whose loss is drawn.
    case history
  }

  /// The cost at one size; nil for what is not measured there.
  struct Point: Codable, Sendable, Equatable {
    var series: Series
    var size: Int
    /// The fastest training step, in milliseconds.
    var stepMilliseconds: Double?
    /// The fastest evaluation of the network, in milliseconds.
    var forwardMilliseconds: Double?
    /// What the data and its training take of resident memory, in bytes.
    var memoryBytes: Double?
    /// The data alone, in bytes.
    var dataBytes: Double?
    /// The fastest redraw of the chart of the loss, in milliseconds.
    var drawingMilliseconds: Double?
  }

  var machine: Machine
  var points: [Point]

  /// The points of a series, the smallest size first.
  func points(of series: Series) -> [Point] {
    points.filter { $0.series == series }.sorted { $0.size < $1.size }
  }
}

extension GrowthReport.Point {
  /// In one line, such as `a batch of 64: step 72.10 ms, forward 12.00 ms`.
  var text: String {
    func time(_ name: String, _ milliseconds: Double?) -> String? {
      milliseconds.map { "\(name) \(CostTable.time($0 / 1e3))" }
    }
    let costs = [
      time("step", stepMilliseconds), time("forward", forwardMilliseconds),
      memoryBytes.map { "memory \(Numbers.bytes(Int($0)))" },
      dataBytes.map { "the data alone \(Numbers.bytes(Int($0)))" },
      time("drawing", drawingMilliseconds),
    ].compactMap(\.self)
    return "\(subject): \(costs.joined(separator: ", "))"
  }

  private var subject: String {
    switch series {
    case .batch: "a batch of \(size)"
    case .side: "images of \(size)×\(size)"
    case .samples: "\(Numbers.grouped(size)) samples of data"
    case .history: "\(Numbers.grouped(size)) steps in the chart"
    }
  }
}

// MARK: - Files

extension GrowthReport {
  /// Reads what `workbench bench --growth --json` has written.
  init(contentsOf path: String) throws {
    let reports: [GrowthReport] = try Self.lines(of: path)
    guard let report = reports.first, !report.points.isEmpty,
      report.points.allSatisfy({ $0.size > 0 })
    else { throw Self.unreadable(path) }
    self = report
  }

  private static func lines(of path: String) throws -> [GrowthReport] {
    do {
      return try JSONLines.read(path)
    } catch {
      if error.kind == .malformed { throw unreadable(path) }
      throw error
    }
  }

  private static func unreadable(_ path: String) -> CommandError {
    CommandError("\(path): is not what workbench bench --growth --json writes")
  }
}

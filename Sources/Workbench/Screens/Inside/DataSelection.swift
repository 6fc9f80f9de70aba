import Diffusion

/// The samples of a data set of one class, or all of them.
struct DataSelection: Sendable {
  let dataset: Dataset
  /// The numbers of the samples; nil for all.
  private let indices: [Int]?

  /// What a selection is of.
  struct Key: Equatable, Sendable {
    var session: Int
    var label: Int?
  }

  /// The samples with a label, or all without one.
  init(_ dataset: Dataset, label: Int?) {
    self.dataset = dataset
    guard let label, let labels = dataset.labels else {
      indices = nil
      return
    }
    indices = labels.indices.filter { labels[$0] == label }
  }

  var count: Int { indices?.count ?? dataset.count }

  /// The number in the data set of the sample at a place of the selection.
  func index(at place: Int) -> Int { indices?[place] ?? place }

  /// The place of a sample, or of the next one where it is not selected.
  func place(of index: Int) -> Int {
    guard let indices else { return min(index, max(count - 1, 0)) }
    return indices.firstIndex { $0 >= index } ?? max(count - 1, 0)
  }
}

extension Dataset {
  /// What a sample's class is called; nil without classes.
  func className(of index: Int) -> String? { labels.map { classNames[$0[index]] } }
}

internal import CKernels

extension Dataset {
  /// The samples nearest to one, the nearest first, at most `count` of them; `excluded`, the number of a
  /// sample, is left out.
  ///
  /// The data is read block by block, so this takes no memory.
  ///
  /// - Precondition: `sample` has the shape of this set's samples.
  package func nearest(
    to sample: [Float], count: Int, excluding excluded: Int? = nil
  ) -> [IdealDenoiser.Neighbor] {
    let size = shape.sampleCount
    precondition(sample.count == size, "samples have \(size) numbers, got \(sample.count)")
    guard count > 0 else { return [] }
    var nearest: [IdealDenoiser.Neighbor] = []
    sample.withUnsafeBufferPointer { sample in
      guard let x = sample.baseAddress else { return }
      DataRows.dataset(self, nil).forEachBlock(of: 0..<self.count, size: size) { block, rows in
        for index in block where index != excluded {
          let square = ck_squared_distance(x, rows + (index - block.lowerBound) * size, size)
          guard nearest.count < count || square < nearest[count - 1].distance else { continue }
          let place = nearest.firstIndex { $0.distance > square } ?? nearest.count
          nearest.insert(IdealDenoiser.Neighbor(index: index, distance: square), at: place)
          if nearest.count > count { nearest.removeLast() }
        }
      }
    }
    return nearest.map {
      IdealDenoiser.Neighbor(index: $0.index, distance: $0.distance.squareRoot())
    }
  }
}

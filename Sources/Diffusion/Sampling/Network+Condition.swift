extension Network {
  /// What training tells the network of clean samples: their classes and their means over blocks, as far as it takes
  /// them.
  ///
  /// `labels` has one label per sample, or none where they are not known.
  package func condition(on x0: Tensor, labels: [Int] = []) -> Condition {
    Condition(
      labels: classes > 0 ? labels : [],
      images: enlargement > 0 ? SmallImages(BlockMeans(factor: enlargement).apply(x0)) : nil)
  }
}

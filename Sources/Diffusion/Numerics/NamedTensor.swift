/// Numbers with a name and a shape in PyTorch's order, as they go into and come out of files.
public struct NamedTensor: Sendable, Equatable {
  public var name: String
  /// The sides in PyTorch's order, outermost first.
  public var shape: [Int]
  /// The numbers, last side fastest.
  public var values: [Float]

  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

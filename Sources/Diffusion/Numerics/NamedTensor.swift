/// Numbers with a name and a shape in PyTorch's order, as they go into and come out of files.
public struct NamedTensor: Sendable, Equatable {
  /// What the numbers are to other programs.
  public enum Kind: Sendable {
    /// Floats.
    case float
    /// Counts, such as the batches that a batch norm has seen; kept as 64-bit integers in files.
    case wholeNumber
  }

  /// The name, such as "down1.conv.weight".
  public var name: String
  /// The dimensions in PyTorch's order, outermost first; none for a single number.
  public var shape: [Int]
  /// The numbers, last dimension fastest; whole ones are exact up to 2²⁴.
  public var values: [Float]
  /// What the numbers are to other programs.
  public var kind: Kind

  /// Numbers in the order of `shape`, last dimension fastest.
  public init(name: String, shape: [Int], values: [Float], kind: Kind = .float) {
    self.name = name
    self.shape = shape
    self.values = values
    self.kind = kind
  }
}

/// Values with a name and a shape in PyTorch's order, as stored in files.
public struct NamedTensor: Sendable, Equatable {
  /// How other programs treat the values.
  public enum Kind: Sendable {
    /// Floats.
    case float
    /// Counts, such as the batches that a batch norm has seen; stored as 64-bit integers in files.
    case wholeNumber
  }

  /// The name, such as "down1.conv.weight".
  public var name: String
  /// The dimensions in PyTorch's order, outermost first; none for a single number.
  public var shape: [Int]
  /// The values, last dimension fastest; whole numbers are exact up to 2²⁴.
  public var values: [Float]
  /// How other programs treat the values.
  public var kind: Kind

  /// Values in the order of `shape`, last dimension fastest.
  public init(name: String, shape: [Int], values: [Float], kind: Kind = .float) {
    self.name = name
    self.shape = shape
    self.values = values
    self.kind = kind
  }
}

/// A result that is computed again only when what it depends on has changed.
///
/// Drawing is a function of values, and may be asked for at any time; what costs more than drawing goes
/// through one of these.
final class Memo<Key: Equatable, Value> {
  /// The newest results, the oldest first.
  private var kept: [(key: Key, value: Value)] = []
  private let most: Int

  /// A memo of the last result, or of so many.
  init(keeping most: Int = 1) { self.most = most }

  /// The result for `key`, by `compute` unless it is among those that are kept.
  func value(for key: Key, _ compute: () -> Value) -> Value {
    if let known = kept.first(where: { $0.key == key }) { return known.value }
    let value = compute()
    if kept.count == most { kept.removeFirst() }
    kept.append((key, value))
    return value
  }
}

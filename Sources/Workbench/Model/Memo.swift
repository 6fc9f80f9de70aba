/// A result that is computed again only when what it depends on has changed.
///
/// Drawing is a function of values, and may be asked for at any time; what costs more than drawing goes
/// through one of these.
final class Memo<Key: Equatable, Value> {
  private var kept: (key: Key, value: Value)?

  /// The result for `key`, by `compute` unless it is the one that is kept.
  func value(for key: Key, _ compute: () -> Value) -> Value {
    if let kept, kept.key == key { return kept.value }
    let value = compute()
    kept = (key, value)
    return value
  }
}

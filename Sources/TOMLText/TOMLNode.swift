/// A table while it is being read: what may still be added to it depends on how it began.
final class TOMLNode {
  enum Origin {
    /// Named on the way to another table.
    case implicit
    /// By a header of its own.
    case header
    /// By a key with dots.
    case dotted
    /// Written in braces: nothing can be added.
    case inline
  }

  enum Content {
    case value(TOMLValue)
    case table(TOMLNode)
    /// Tables that begin with `[[name]]` each.
    case tables([TOMLNode])
  }

  struct Place {
    var content: Content
    let line: Int
    /// The bytes of a value.
    var bytes: Range<Int>?
  }

  var origin: Origin
  private(set) var places: [String: Place] = [:]
  private var order: [String] = []

  init(_ origin: Origin) { self.origin = origin }

  /// Adds a key, or replaces what it has.
  func put(_ content: Content, at key: String, line: Int, bytes: Range<Int>? = nil) {
    if let place = places[key] {
      places[key] = Place(content: content, line: place.line)
    } else {
      order.append(key)
      places[key] = Place(content: content, line: line, bytes: bytes)
    }
  }

  /// The finished table.
  var table: TOMLTable {
    TOMLTable(
      order.compactMap { key in
        places[key].map { place in
          let value: TOMLValue =
            switch place.content {
            case .value(let value): value
            case .table(let node): .table(node.table)
            case .tables(let nodes): .list(nodes.map { .table($0.table) })
            }
          return TOMLTable.Entry(key: key, value: value, line: place.line, place: place.bytes)
        }
      })
  }
}

/// The table of keys, which dispatches them, and from which help, the bottom line and the palette are drawn.
public struct KeyMap<Action: Hashable & Sendable, Context: Hashable & Sendable>: Sendable {
  /// A line of the table.
  public struct Binding: Sendable {
    /// The keys, the first of which is shown in the bottom line.
    package var keys: [Key]
    /// What the keys do.
    package var action: Action
    /// Where it works; empty means everywhere.
    package var contexts: Set<Context>
    /// Two or three words for the bottom line.
    package var title: String
    /// A sentence for help.
    package var help: String
    /// Other words by which it is found.
    package var synonyms: String
    /// Where help shows it.
    package var group: String
    /// Bindings with the highest show first in the bottom line; 0 stays out of it.
    package var prominence: Int

    /// Keys with their action and their help.
    public init(
      _ keys: [Key], _ action: Action, in contexts: Set<Context> = [], _ title: String,
      help: String, group: String = "", prominence: Int = 0, synonyms: String = ""
    ) {
      (self.keys, self.action, self.contexts) = (keys, action, contexts)
      (self.title, self.help, self.group, self.prominence) = (title, help, group, prominence)
      self.synonyms = synonyms
    }

    /// Bindings that help shows as one group, in `contexts` unless they have their own.
    public static func group(
      _ group: String, in contexts: Set<Context> = [], _ bindings: [Self]
    ) -> [Self] {
      bindings.map { binding in
        var binding = binding
        binding.group = group
        if binding.contexts.isEmpty { binding.contexts = contexts }
        return binding
      }
    }

    /// All keys, as help writes them in a set of characters.
    package func label(in symbols: Symbols) -> String {
      keys.map { $0.label(in: symbols) }.joined(separator: " ")
    }
  }

  /// The bindings, in the order in which help shows them.
  package let bindings: [Binding]

  /// - Precondition: no key has two meanings in one context.
  public init(_ bindings: [Binding]) {
    self.bindings = bindings
    let collision = Self.collision(among: bindings)
    precondition(
      collision == nil,
      "a key has two meanings in one context: “\(collision?.first.title ?? "")” and "
        + "“\(collision?.second.title ?? "")”")
  }

  /// The first key with two meanings in one context, and the bindings that give them; nil where there is none.
  package static func collision(
    among bindings: [Binding]
  ) -> (key: Key, first: Binding, second: Binding)? {
    var indices: [Key: [Int]] = [:]
    for (index, binding) in bindings.enumerated() {
      for key in binding.keys {
        let other = indices[key, default: []].first {
          let contexts = bindings[$0].contexts
          return binding.contexts == contexts || !binding.contexts.isDisjoint(with: contexts)
        }
        if let other, other != index { return (key, bindings[other], binding) }
        indices[key, default: []].append(index)
      }
    }
    return nil
  }

  /// The same bindings with other keys; `change` returns those of a binding.
  package func bindingsWithKeys(_ change: (Binding) -> [Key]) -> [Binding] {
    bindings.map { binding in
      var binding = binding
      binding.keys = change(binding)
      return binding
    }
  }

  /// The action of a key in these contexts; a binding for one of them takes precedence over one for
  /// everywhere.
  public func action(for key: Key, in contexts: Set<Context>) -> Action? {
    let candidates = bindings.filter { $0.keys.contains(key) }
    let special = candidates.first { !$0.contexts.isDisjoint(with: contexts) }
    return (special ?? candidates.first { $0.contexts.isEmpty })?.action
  }

  /// The bindings that work in the present contexts, in the table's order.
  package func active(in contexts: Set<Context>) -> [Binding] {
    let special = Set(
      bindings.filter { !$0.contexts.isDisjoint(with: contexts) }.flatMap(\.keys))
    return bindings.filter { binding in
      binding.contexts.isEmpty
        ? !binding.keys.allSatisfy(special.contains)
        : !binding.contexts.isDisjoint(with: contexts)
    }
  }

  /// What the bottom line shows: key and words, the most prominent first.
  ///
  /// Where only some keys work, `isExclusive` leaves out those for everywhere.
  package func hints(
    in contexts: Set<Context>, isExclusive: Bool = false
  ) -> [(keys: String, title: String)] {
    active(in: contexts).filter { $0.prominence > 0 && !(isExclusive && $0.contexts.isEmpty) }
      .enumerated()
      .sorted { ($1.element.prominence, $0.offset) < ($0.element.prominence, $1.offset) }
      .map { ($0.element.keys.first?.label ?? "", $0.element.title) }
  }
}

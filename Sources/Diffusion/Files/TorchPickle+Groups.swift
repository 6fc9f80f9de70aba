extension TorchPickle {
  /// More keys within keys than anyone puts around a state dict.
  private static let deepest = 6

  /// The dictionaries of tensors in `root`, those nearest to the top first.
  ///
  /// Only keys that are text are followed: an optimiser's state, whose keys are numbers, is no set
  /// of weights. What is not a tensor in a dictionary of tensors is left out.
  func groups(in root: Value, path: String) throws(FileError) -> [TorchFile.Group] {
    guard case .dictionary(let top) = root else {
      throw FileError(
        path, .mismatch, "holds \(describe(root)); expected a dictionary of tensors")
    }
    var groups: [TorchFile.Group] = []
    var seen: Set<Int> = [top]
    var level = [(key: "", place: top)]
    for _ in 0..<Self.deepest where !level.isEmpty {
      var next: [(key: String, place: Int)] = []
      for (key, place) in level {
        let members = try members(place, path: path)
        if !members.isEmpty { groups.append(TorchFile.Group(key: key, members: members)) }
        for (name, value) in dictionaries[place] {
          guard case .text(let name) = name, case .dictionary(let inner) = value,
            seen.insert(inner).inserted
          else { continue }
          next.append((key.isEmpty ? name : "\(key).\(name)", inner))
        }
      }
      level = next
    }
    guard !groups.isEmpty else {
      throw FileError(path, .mismatch, "holds no dictionary of tensors")
    }
    return groups
  }

  /// The tensors of one dictionary in the order of their names' first appearance, as in Python.
  private func members(
    _ place: Int, path: String
  ) throws(FileError) -> [(name: String, tensor: Tensor)] {
    var members: [(name: String, tensor: Tensor)] = []
    var indexOfName: [String: Int] = [:]
    for (name, value) in dictionaries[place] {
      guard case .text(let name) = name, case .tensor(let tensor) = value else { continue }
      guard name != SafeTensors.metadataName else {
        throw FileError(
          path, .malformed, "holds a tensor called \(name), which is not a valid name")
      }
      if let index = indexOfName[name] {
        members[index].tensor = tensors[tensor]
      } else {
        indexOfName[name] = members.count
        members.append((name, tensors[tensor]))
      }
    }
    return members
  }

  private func describe(_ value: Value) -> String {
    switch value {
    case .tensor: "a single tensor"
    case .list, .tuple: "a list"
    default: "no tensors"
    }
  }
}

/// What is in folders.
package enum Folder {
  /// The names of what is in a folder, without those for itself and for what it is in; none for
  /// what cannot be listed.
  package static func names(in folder: String) -> [String] {
    guard let listing = opendir(folder), let place = MemoryLayout<dirent>.offset(of: \.d_name)
    else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = UnsafeRawPointer(entry).advanced(by: place)
      let text = String(cString: name.assumingMemoryBound(to: CChar.self))
      if text != ".", text != ".." { names.append(text) }
    }
    return names
  }
}

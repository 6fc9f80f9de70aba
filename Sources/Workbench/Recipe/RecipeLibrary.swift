import Diffusion
import Platform

extension Recipe {
  /// The recipe of that name, or in that file, with options from the command line.
  static func load(
    _ nameOrPath: String, overrides: [RecipeOverride] = []
  ) throws(RecipeError) -> Recipe {
    let path = try RecipeLibrary.find(nameOrPath)
    return try Recipe(
      RecipeLibrary.read(path), name: RecipeLibrary.name(ofFile: path), path: path,
      overrides: overrides)
  }
}

/// The recipes, and the comparisons of recipes, that can be called by name.
enum RecipeLibrary {
  /// What can be called by name.
  enum Kind: String {
    case recipe
    case comparison

    /// The folder that they are looked for in, wherever there is one.
    var folder: String {
      switch self {
      case .recipe: "recipes"
      case .comparison: "recipes/comparisons"
      }
    }
  }

  private static let ending = ".toml"
  /// The most bytes accepted: 1 MiB.
  private static let mostBytes = 1 << 20

  /// A file that can be called by its name.
  struct Entry: Sendable {
    let name: String
    let path: String
    /// The comment that the file begins with.
    let summary: String
  }

  /// All recipes, or all comparisons, the first of each name.
  static func entries(_ kind: Kind = .recipe) -> [Entry] {
    files(kind).map { path in
      let start = (try? read(path))?.split(separator: "\n").first { $0.hasPrefix("#") }
      let summary = start?.drop { $0 == "#" || $0 == " " } ?? ""
      return Entry(name: name(ofFile: path), path: path, summary: Wording.escaped(summary))
    }
  }

  /// Their files, the first of each name.
  private static func files(_ kind: Kind) -> [String] {
    var seen: Set<String> = []
    return ResourceFolders.existing(kind.folder).flatMap { folder in
      ResourceFolders.files(in: folder, ending: ending).map { "\(folder)/\($0)" }
    }
    .filter { seen.insert(name(ofFile: $0)).inserted }
  }

  /// The file of a recipe, or of a comparison, given by its name or its path.
  static func find(
    _ nameOrPath: String, _ kind: Kind = .recipe
  ) throws(RecipeError) -> String {
    let isPath = nameOrPath.contains("/") || nameOrPath.hasSuffix(ending)
    if isPath {
      guard access(nameOrPath, F_OK) == 0 else {
        throw RecipeError(nameOrPath, "there is no such \(kind.rawValue) file")
      }
      return nameOrPath
    }
    let files = files(kind)
    if let file = files.first(where: { name(ofFile: $0) == nameOrPath }) { return file }
    if access(nameOrPath, F_OK) == 0, !ResourceFolders.isFolder(nameOrPath) { return nameOrPath }
    let names = files.map { name(ofFile: $0) }
    let nearest = Wording.nearest(to: nameOrPath, in: names).map { "; did you mean \($0)?" }
    let known = names.isEmpty ? "none found" : names.joined(separator: ", ")
    throw RecipeError(
      nameOrPath,
      "there is no such \(kind.rawValue)\(nearest ?? ";") the \(kind.rawValue)s are: \(known)")
  }

  /// "digits" for "recipes/digits.toml".
  static func name(ofFile path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(ending) ? String(file.dropLast(ending.count)) : file
  }

  /// The text of a recipe file.
  static func read(_ path: String) throws(RecipeError) -> String {
    // A pipe that nobody writes to would keep the reader waiting for ever.
    guard !ResourceFolders.isPipe(path) else {
      throw RecipeError(path, "the recipe cannot be read: it is not a regular file")
    }
    guard !ResourceFolders.isFolder(path), let file = fopen(path, "r") else {
      let reason =
        ResourceFolders.isFolder(path) ? "it is a folder" : String(cString: strerror(errno))
      throw RecipeError(path, "the recipe cannot be read: \(reason)")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 14)
    while bytes.count <= mostBytes {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { break }
      bytes += piece[..<count]
    }
    guard bytes.count <= mostBytes else {
      throw RecipeError(path, "the recipe is larger than \(mostBytes) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RecipeError(path, "a recipe must be UTF-8 text")
    }
    return text
  }
}

import Diffusion

/// The lessons that come with the program or that the user wrote.
enum LessonLibrary {
  struct Entry: Sendable, Equatable {
    var name: String
    var title: String
    var summary: String
    var minutes: Int
  }

  private static let ending = ".toml"
  private static let first = "tour"

  private static var files: [(name: String, path: String)] {
    var seen: Set<String> = []
    return ResourceFolders.existing("lessons").flatMap { folder in
      ResourceFolders.files(in: folder, ending: ending).map {
        (name: String($0.dropLast(ending.count)), path: "\(folder)/\($0)")
      }
    }.filter { seen.insert($0.name).inserted }
  }

  /// All lessons that can be read, by name.
  static func entries() -> [Entry] {
    let files = files
    // A first visit comes first.
    return (files.filter { $0.name == first } + files.filter { $0.name != first }).compactMap {
      file in
      guard let lesson = try? load(file.path) else { return nil }
      return Entry(
        name: file.name, title: lesson.title, summary: lesson.summary, minutes: lesson.minutes)
    }
  }

  /// The lesson called so, whatever the case, or in the file with this path.
  static func load(_ nameOrPath: String) throws -> Lesson {
    if nameOrPath.contains("/") || nameOrPath.hasSuffix(ending) {
      return try Lesson(
        RecipeLibrary.read(nameOrPath), name: RecipeLibrary.name(ofFile: nameOrPath),
        path: nameOrPath)
    }
    guard let path = path(of: nameOrPath) else {
      throw LessonError(
        nameOrPath,
        "there is no such lesson; expected \(files.map(\.name).joined(separator: ", ")), or a file")
    }
    return try load(path)
  }

  /// The file of the lesson called so, whatever the case; nil where there is none.
  static func path(of name: String) -> String? {
    files.first { $0.name.lowercased() == name.lowercased() }?.path
  }
}

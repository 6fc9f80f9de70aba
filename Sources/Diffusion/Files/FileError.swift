/// What is wrong with a file or a data set, as the sentence the user reads.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sort of problem, for code that has to distinguish them.
  package enum Kind: Sendable, Hashable {
    /// There is no such file.
    case missing
    /// It is there, but is a folder or a device, or the system refuses to open or read it.
    case unreadable
    /// The system refuses to create, write, sync or rename it.
    case unwritable
    /// It ends before its header says it should.
    case truncated
    /// It continues after its header says it should end.
    case trailing
    /// It is not in the expected format.
    case unrecognized
    /// A field has an impossible value.
    case malformed
    /// Two of its parts, or two files, contradict each other.
    case mismatch
    /// A checksum or the compressed data is wrong.
    case corrupt
    /// It is larger than what is accepted.
    case tooLarge
    /// It is correct, but a variant that is not supported.
    case unsupported
  }

  /// The file, or the name of the data set.
  public let path: String
  /// What kind of problem it is.
  package let kind: Kind
  /// The sentence without the file's name.
  public let problem: String

  /// A problem, as the rest of a sentence that begins with the path.
  package init(_ path: String, _ kind: Kind, _ problem: String) {
    self.path = path
    self.kind = kind
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }
}

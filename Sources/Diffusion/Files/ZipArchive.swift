internal import CZip
internal import Platform

/// The functions of libzip, found when the first zip file is read, or why they cannot be had.
private let libzip: Result<zip_calls, LibraryError> = {
  var calls = zip_calls()
  if let reason = zip_calls_load(&calls) {
    return .failure(LibraryError(reason: String(cString: reason)))
  }
  return .success(calls)
}()

private struct LibraryError: Error {
  let reason: String
}

/// A zip file opened for reading, by libzip.
///
/// Only its directory is read until the contents of an entry are needed. Belongs to one thread.
final class ZipArchive {
  /// One file in the archive.
  struct Entry {
    let name: String
    /// Whether its bytes are stored uncompressed.
    let isStored: Bool
    /// The number of bytes, inflated, as the directory says.
    let size: Int
    fileprivate let index: zip_uint64_t
  }

  let path: String
  /// The number of bytes of the whole file.
  let size: Int
  /// In the order of the directory.
  private(set) var entries: [Entry] = []
  private var indexOfName: [String: Int] = [:]
  fileprivate let zip: zip_calls
  fileprivate let archive: OpaquePointer

  init(_ file: FileReader) throws(FileError) {
    let zip: zip_calls
    do { zip = try libzip.get() } catch {
      throw FileError(
        file.path, .unsupported,
        "cannot be read: libzip, which reads zip files, cannot be loaded: \(error.reason); "
          + "install libzip")
    }
    let descriptor = try file.duplicate()
    var code: Int32 = 0
    guard let archive = zip.fdopen(descriptor, 0, &code) else {
      close(descriptor)
      var error = zip_error_t()
      zip.error_init_with_code(&error, code)
      defer { zip.error_fini(&error) }
      throw zip.problem(&error, file.path, "its zip directory")
    }
    path = file.path
    size = file.size
    (self.zip, self.archive) = (zip, archive)
    for index in 0..<zip_uint64_t(max(0, zip.get_num_entries(archive, 0))) {
      try add(index)
    }
  }

  deinit { zip.discard(archive) }

  /// The entry of that name.
  subscript(name: String) -> Entry? { indexOfName[name].map { entries[$0] } }

  /// All bytes of an entry, at most `limit`, and what the archive says of them checked.
  func bytes(_ entry: Entry, limit: Int) throws(FileError) -> [UInt8] {
    guard entry.size <= limit else {
      throw FileError(
        path, .tooLarge,
        "holds \(Wording.quoted(entry.name)) of \(entry.size) bytes; expected at most \(limit)")
    }
    let reader = try ZipEntryReader(entry, of: self)
    var bytes = [UInt8](repeating: 0, count: entry.size)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try reader.fill(UnsafeMutableRawBufferPointer(buffer))
    }
    if !entry.isStored { try reader.expectEnd() }
    return bytes
  }

  private func add(_ index: zip_uint64_t) throws(FileError) {
    var status = zip_stat_t()
    guard zip.stat_index(archive, index, zip_flags_t(ZIP_FL_ENC_RAW), &status) == 0,
      let text = status.name
    else {
      throw zip.problem(
        zip.get_error(archive), path, "entry \(index) of its zip directory")
    }
    let name = String(cString: text)
    guard indexOfName.updateValue(entries.count, forKey: name) == nil else {
      throw FileError(path, .malformed, "holds \(Wording.quoted(name)) twice")
    }
    let isStored = status.comp_method == ZIP_CM_STORE
    // libzip 1.7 would crash where an entry without bytes says that it has some.
    guard !isStored || status.size == status.comp_size else {
      throw FileError(
        path, .malformed,
        "declares \(status.size) bytes for \(Wording.quoted(name)), which has "
          + "\(status.comp_size) in the file")
    }
    entries.append(
      Entry(
        name: name, isStored: isStored, size: Int(clamping: status.size),
        index: index))
  }
}

extension zip_calls {
  /// The sentence that `what` of the file at `path` cannot be read, with the reason libzip gives.
  fileprivate func problem(
    _ error: UnsafeMutablePointer<zip_error_t>?, _ path: String, _ what: String
  ) -> FileError {
    let kind: FileError.Kind =
      switch error_code_zip(error) {
      case ZIP_ER_NOZIP, ZIP_ER_EOF: .truncated
      case ZIP_ER_COMPNOTSUPP, ZIP_ER_ENCRNOTSUPP, ZIP_ER_NOPASSWD, ZIP_ER_MULTIDISK: .unsupported
      case ZIP_ER_OPEN, ZIP_ER_READ, ZIP_ER_SEEK, ZIP_ER_MEMORY: .unreadable
      default: .corrupt
      }
    let reason = error_strerror(error).map { String(cString: $0) } ?? "no reason given"
    return FileError(path, kind, "\(what) cannot be read: \(reason)")
  }
}

/// An entry of an archive opened for reading.
final class ZipEntryReader {
  private let entry: ZipArchive.Entry
  // It must outlive the file in it.
  private let archive: ZipArchive
  private let file: OpaquePointer

  init(_ entry: ZipArchive.Entry, of archive: ZipArchive) throws(FileError) {
    guard let file = archive.zip.fopen_index(archive.archive, entry.index, 0) else {
      throw archive.zip.problem(
        archive.zip.get_error(archive.archive), archive.path, "\(Wording.quoted(entry.name)) in it")
    }
    self.entry = entry
    self.archive = archive
    self.file = file
  }

  deinit { _ = archive.zip.fclose(file) }

  /// Fills `buffer` from byte `start` of a stored entry on.
  ///
  /// The checksum of stored entries is not looked at, for PyTorch neither does so nor always writes
  /// the right one (`torch.serialization.set_crc32_options`).
  func fill(_ buffer: UnsafeMutableRawBufferPointer, from start: Int) throws(FileError) {
    guard archive.zip.fseek(file, zip_int64_t(start), SEEK_SET) == 0 else { throw problem() }
    try fill(buffer)
  }

  /// Fills `buffer` with the next bytes.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    let got = archive.zip.fread(file, buffer.baseAddress, zip_uint64_t(buffer.count))
    guard got >= 0 else { throw problem() }
    guard got == buffer.count else {
      throw FileError(
        archive.path, .truncated,
        "ends within \(Wording.quoted(entry.name)), which should have \(entry.size) bytes")
    }
  }

  /// Checks that nothing follows, and with it the checksum.
  func expectEnd() throws(FileError) {
    var byte: UInt8 = 0
    let got = archive.zip.fread(file, &byte, 1)
    guard got >= 0 else { throw problem() }
    guard got == 0 else {
      throw FileError(
        archive.path, .trailing,
        "continues after the \(entry.size) bytes of \(Wording.quoted(entry.name))")
    }
  }

  private func problem() -> FileError {
    archive.zip.problem(
      archive.zip.file_get_error(file), archive.path, "\(Wording.quoted(entry.name)) in it")
  }
}

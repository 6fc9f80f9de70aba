internal import Platform

/// A temporary file without a name, for numbers that do not fit in memory.
///
/// Read and written with `pread` and `pwrite`: a mapping would answer a full disk with a signal,
/// these answer with an error, and from the page cache a frame comes back as fast.
final class SpillFile: Sendable {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Makes a file in `directory`, by default where the system wants large temporary files.
  convenience init(in directory: String?) throws(RecordingError) {
    let directory = directory ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    var template = Array("\(directory)/diffusion-workbench-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw .cannotMakeFile(directory: directory, reason: Self.reason())
    }
    // Without its name the file goes when the descriptor is closed, however the program ends.
    unlink(template)
    self.init(descriptor: descriptor)
  }

  deinit { close(descriptor) }

  /// Writes the arrays one after the other at the end; returns where they begin.
  ///
  /// After an error the file is as long as before.
  func append(_ arrays: [[Float]]) throws(RecordingError) -> Int {
    let start = Int(lseek(descriptor, 0, SEEK_END))
    guard start >= 0 else { throw .cannotWrite(reason: Self.reason()) }
    var end = start
    for array in arrays {
      guard array.withUnsafeBytes({ write($0, at: end) }) else {
        let reason = Self.reason()
        ftruncate(descriptor, off_t(start))
        throw .cannotWrite(reason: reason)
      }
      end += array.count * MemoryLayout<Float>.stride
    }
    return start
  }

  /// The `count` numbers that begin at byte `offset`.
  func read(_ count: Int, at offset: Int) throws(RecordingError) -> [Float] {
    var complete = false
    let numbers = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      var done = 0
      while done < bytes.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
        let read = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        if read < 0, errno == EINTR { continue }
        guard read > 0 else { return }
        done += read
      }
      complete = true
      initialized = count
    }
    guard complete else { throw .cannotRead(reason: Self.reason()) }
    return numbers
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return false }
      done += written
    }
    return true
  }

  /// The system's words for what went wrong last.
  private static func reason() -> String { String(cString: strerror(errno)) }
}

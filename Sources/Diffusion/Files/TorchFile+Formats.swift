extension TorchFile {
  /// What the first bytes of a file say about which program wrote it.
  enum Format {
    case zip
    /// The format of PyTorch before 1.6: pickles one after the other.
    case pickle
    /// The format of PyTorch before 0.2.
    case tar

    init?(_ file: FileReader) throws(FileError) {
      let start = try file.bytes(0..<min(file.size, 265), of: "its start")
      // Empty archives have no entry, only the end of a directory.
      if start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x50, 0x4B, 5, 6]) {
        self = .zip
      } else if start.count > 2, start[0] == 0x80, (1...5).contains(start[1]) {
        self = .pickle
      } else if start.dropFirst(257).starts(with: Array("ustar".utf8)) {
        self = .tar
      } else {
        return nil
      }
    }
  }

  static func refuseOlderFormats(_ file: FileReader) throws(FileError) {
    switch try Format(file) {
    case .zip: return
    case .pickle:
      let error = FileError(
        file.path, .unsupported,
        "is a pickle, as PyTorch wrote it before version 1.6; expected a zip file of tensors")
      throw advising(error, runsCode: false)
    case .tar:
      let error = FileError(
        file.path, .unsupported,
        "is a tar file, as PyTorch wrote it before version 0.2; expected a zip file of tensors")
      throw advising(error, runsCode: true)
    case nil:
      throw FileError(
        file.path, .unrecognized,
        "is not a PyTorch file; expected a zip file as torch.save writes it")
    }
  }

  /// The error followed by the three lines of Python that convert the file.
  ///
  /// `runsCode` says that PyTorch has to run what is in the file for that.
  static func advising(_ error: FileError, runsCode: Bool) -> FileError {
    let advice =
      runsCode
      ? "Python can convert it, but runs any code in it, so only if you trust whoever made it:"
      : "Python can convert it:"
    return FileError(
      error.path, error.kind,
      "\(error.problem). \(advice)\n\(command(error.path, weightsOnly: !runsCode))")
  }

  /// The shell command that writes the tensors of a file as safetensors, in three lines.
  ///
  /// The weights may be a module, its state dict, or that under one of the usual keys.
  private static func command(_ path: String, weightsOnly: Bool) -> String {
    let stem = ["pth", "pt", "bin", "ckpt", "tar"].lazy
      .filter { path.hasSuffix(".\($0)") }
      .map { String(path.dropLast($0.count + 1)) }.first
    // A name that could do something to a terminal or a shell is left to the reader.
    let isPlain = path.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    let names =
      isPlain
      ? "\(shellQuoted(path)) \(shellQuoted("\(stem ?? path).safetensors"))"
      : "FILE.pth FILE.safetensors"
    return """
      python3 -c "import sys, torch, safetensors.torch as s; w = lambda d: d.state_dict() if hasattr(d, 'state_dict') else d
      d = w(torch.load(sys.argv[1], map_location='cpu', weights_only=\(weightsOnly ? "True" : "False"))); d = w(d.get('state_dict', d.get('model', d)))
      s.save_file({k: v.detach().clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, sys.argv[2])" \(names)
      """
  }

  /// Text as one word of a shell command.
  private static func shellQuoted(_ text: String) -> String {
    let isSafe = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: "+"):
        true
      default: false
      }
    }
    if isSafe, !text.hasPrefix("-") { return text }
    let escaped = text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''")
    return "'\(escaped)'"
  }
}

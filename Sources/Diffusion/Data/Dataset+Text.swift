extension Dataset {
  /// Texts from samples one after the other, as samplers return them; bits that no token has become the
  /// number after the last token.
  ///
  /// - Precondition: they are whole samples, of tokens below the format's vocabulary or of bits; `shape` has
  ///   batch 1.
  init(name: String, _ values: [Float], _ shape: Shape, _ text: TextFormat) {
    let tokens = text.tokens(of: values).map { UInt16($0) }
    self.init(
      name: name, tokens: tokens,
      starts: Array(stride(from: 0, to: tokens.count, by: shape.width)), length: shape.width, text)
  }

  /// The text of the samples: each line with the first line end after it, or the parts of a running text
  /// that are covered, each once.
  ///
  /// - Precondition: the samples are text.
  package var sequences: [ArraySlice<UInt16>] {
    guard let text, case .tokens(let tokens, let starts) = storage else {
      preconditionFailure("\(name) is not text")
    }
    return text.isLines ? sampleSequences : covered(tokens, starts.sorted(), shape.width)
  }

  /// The text of each sample: of a line with the first line end after it.
  ///
  /// - Precondition: the samples are text.
  var sampleSequences: [ArraySlice<UInt16>] {
    guard let text, case .tokens(let tokens, let starts) = storage else {
      preconditionFailure("\(name) is not text")
    }
    let end = text.isLines ? text.lineEndToken.map { UInt16($0) } : nil
    return starts.map { start in
      let line = tokens[start..<start + shape.width]
      return line.firstIndex { $0 == end }.map { line[...$0] } ?? line
    }
  }

  private func covered(
    _ tokens: [UInt16], _ starts: [Int], _ length: Int
  ) -> [ArraySlice<UInt16>] {
    var parts: [Range<Int>] = []
    for start in starts {
      if let last = parts.last, start <= last.upperBound {
        parts[parts.count - 1] = last.lowerBound..<start + length
      } else {
        parts.append(start..<start + length)
      }
    }
    return parts.map { tokens[$0] }
  }

  /// Parts of a running text that overlap: the last `kept` of them, and those before that share nothing with
  /// them.
  ///
  /// - Precondition: the samples are the parts of a running text, in order; as many as a part is long come
  ///   before the last `kept`.
  func splitRunningText(keeping kept: Int) -> (training: Dataset, validation: Dataset) {
    let first = count - kept
    precondition(first >= shape.width, "\(kept) of \(count) parts leave none to train on")
    return (select(Array(0...first - shape.width)), select(Array(first..<count)))
  }

  /// The samples at the beginning that have about so many characters of text; all where there are no more.
  ///
  /// - Precondition: the samples are text, in order.
  package func beginning(characters: Int) -> Dataset {
    // One part of a running text begins at each character.
    let most = max(1, text?.isLines == true ? characters / shape.width : characters)
    return most < count ? select(Array(0..<most)) : self
  }
}

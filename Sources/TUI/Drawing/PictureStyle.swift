/// What represents the pixels of a picture.
public enum PictureStyle: String, Hashable, Sendable, CaseIterable {
  /// Two pixels a cell, one above the other, each in its own colour.
  case halfBlocks = "half-blocks"
  /// Eight pixels a cell, averaged to four quarters in the two colours that suit them best.
  case quadrants
  /// Eight pixels a cell, each a dot or none by brightness.
  case braille
  /// Two pixels a cell, averaged to a character of that brightness.
  case ascii

  /// The square pixels that a cell has room for, across and down.
  package var pixelsPerCell: Size {
    switch self {
    case .halfBlocks, .ascii: Size(1, 2)
    case .quadrants, .braille: Size(2, 4)
    }
  }

  /// The style after this one in the order of `allCases`, and the first after the last.
  package var next: PictureStyle {
    let index = Self.allCases.firstIndex(of: self) ?? 0
    return Self.allCases[(index + 1) % Self.allCases.count]
  }

  /// The style with more pixels a cell that resembles this one, or the style itself.
  package var finer: PictureStyle { self == .halfBlocks ? .quadrants : self }

  /// The style that takes the place of this one, cell for cell, where it cannot be shown.
  ///
  /// Blocks need colours, quarters of a cell need more than 16, and all but characters need more than
  /// ASCII.
  func shown(with symbols: Symbols, depth: ColorDepth) -> PictureStyle {
    switch self {
    case _ where symbols == .ascii: .ascii
    case .halfBlocks where depth == .monochrome: .ascii
    case .quadrants where depth <= .ansi16: .braille
    default: self
    }
  }
}

/// How many times a picture is enlarged or reduced: by a whole number, so that it stays even.
package struct PictureScale: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// How often each pixel is repeated across and down.
  package let enlargement: Int
  /// How many pixels across and down are averaged into one.
  package let reduction: Int

  private init(enlargement: Int, reduction: Int) {
    self.enlargement = max(1, enlargement)
    self.reduction = max(1, reduction)
  }

  /// Each pixel is repeated `times` across and down.
  package static func enlarged(_ times: Int) -> PictureScale {
    PictureScale(enlargement: times, reduction: 1)
  }

  /// Each block of `times` × `times` pixels is averaged into one.
  package static func reduced(_ times: Int) -> PictureScale {
    PictureScale(enlargement: 1, reduction: times)
  }

  /// A pixel for a pixel.
  package static let actual = PictureScale(enlargement: 1, reduction: 1)

  package static func < (left: PictureScale, right: PictureScale) -> Bool {
    left.enlargement * right.reduction < right.enlargement * left.reduction
  }

  package var description: String { reduction == 1 ? "×\(enlargement)" : "÷\(reduction)" }

  /// The scale by which a picture fills as much of `room`, in cells, as it can.
  package static func fitting(_ picture: Size, in room: Size, style: PictureStyle) -> PictureScale {
    let per = style.pixelsPerCell
    let (width, height) = (room.width * per.width, room.height * per.height)
    guard picture.width > 0, picture.height > 0, width > 0, height > 0 else { return .actual }
    let times = min(width / picture.width, height / picture.height)
    if times >= 1 { return .enlarged(times) }
    return .reduced(
      max((picture.width + width - 1) / width, (picture.height + height - 1) / height))
  }

  /// The cells that a picture takes at this scale.
  package func cells(_ picture: Size, style: PictureStyle) -> Size {
    let per = style.pixelsPerCell
    let width = (picture.width * enlargement + reduction - 1) / reduction
    let height = (picture.height * enlargement + reduction - 1) / reduction
    return Size(
      (width + per.width - 1) / per.width, (height + per.height - 1) / per.height)
  }
}

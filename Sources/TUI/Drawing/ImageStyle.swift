/// How the pixels of an image are drawn with characters.
public enum ImageStyle: String, Hashable, Sendable, CaseIterable {
  /// Two pixels per cell, one above the other, each in its own colour.
  case halfBlocks = "half-blocks"
  /// Eight pixels per cell, averaged to four quarters in the two colours that fit them best.
  case quadrants
  /// Eight pixels per cell, each a dot or none depending on its brightness.
  case braille
  /// Two pixels per cell, averaged to a character of that brightness.
  case ascii

  /// The square pixels that a cell has room for, across and down.
  package var pixelsPerCell: Size {
    switch self {
    case .halfBlocks, .ascii: Size(1, 2)
    case .quadrants, .braille: Size(2, 4)
    }
  }

  /// The style after this one in the order of `allCases`, and the first after the last.
  package var next: ImageStyle {
    let index = Self.allCases.firstIndex(of: self) ?? 0
    return Self.allCases[(index + 1) % Self.allCases.count]
  }

  /// The style with more pixels a cell that resembles this one, or the style itself.
  package var finer: ImageStyle { self == .halfBlocks ? .quadrants : self }

  /// The style that takes the place of this one, cell for cell, where it cannot be shown.
  ///
  /// Blocks need colours, quarters of a cell need more than 16, and all but characters need more than
  /// ASCII.
  func shown(with symbols: Symbols, depth: ColorDepth) -> ImageStyle {
    switch self {
    case _ where symbols == .ascii: .ascii
    case .halfBlocks where depth == .monochrome: .ascii
    case .quadrants where depth <= .ansi16: .braille
    default: self
    }
  }
}

/// How many times an image is enlarged or reduced: by a whole number, so that it stays even.
package struct ImageScale: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// How often each pixel is repeated across and down.
  package let enlargement: Int
  /// How many pixels across and down are averaged into one.
  package let reduction: Int

  private init(enlargement: Int, reduction: Int) {
    self.enlargement = max(1, enlargement)
    self.reduction = max(1, reduction)
  }

  /// Each pixel is repeated `times` across and down.
  package static func enlarged(_ times: Int) -> ImageScale {
    ImageScale(enlargement: times, reduction: 1)
  }

  /// Each block of `times` × `times` pixels is averaged into one.
  package static func reduced(_ times: Int) -> ImageScale {
    ImageScale(enlargement: 1, reduction: times)
  }

  /// A pixel for a pixel.
  package static let actual = ImageScale(enlargement: 1, reduction: 1)

  package static func < (left: ImageScale, right: ImageScale) -> Bool {
    left.enlargement * right.reduction < right.enlargement * left.reduction
  }

  package var description: String { reduction == 1 ? "×\(enlargement)" : "÷\(reduction)" }

  /// The scale by which an image fills as much of `room`, in cells, as it can.
  package static func fitting(_ imageSize: Size, in room: Size, style: ImageStyle) -> ImageScale {
    let per = style.pixelsPerCell
    let (width, height) = (room.width * per.width, room.height * per.height)
    guard imageSize.width > 0, imageSize.height > 0, width > 0, height > 0 else { return .actual }
    let times = min(width / imageSize.width, height / imageSize.height)
    if times >= 1 { return .enlarged(times) }
    return .reduced(
      max((imageSize.width + width - 1) / width, (imageSize.height + height - 1) / height))
  }

  /// The cells that an image takes at this scale.
  package func cells(_ imageSize: Size, style: ImageStyle) -> Size {
    let per = style.pixelsPerCell
    let width = (imageSize.width * enlargement + reduction - 1) / reduction
    let height = (imageSize.height * enlargement + reduction - 1) / reduction
    return Size(
      (width + per.width - 1) / per.width, (height + per.height - 1) / per.height)
  }
}

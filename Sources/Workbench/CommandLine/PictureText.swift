import Diffusion
import TUI

/// Shows pictures on standard output: half-blocks in colour where the terminal has both, else letters.
enum PictureText {
  /// The picture as lines of text, each with its end; a cell has two points, one above the other.
  static func text(_ picture: Picture) -> String {
    let theme = Console.theme
    var surface = Surface(Size(picture.width, (picture.height + 1) / 2), symbols: Console.symbols)
    PicturePainter(style: .halfBlocks, theme: theme).draw(
      PixelImage(picture), scale: .actual, x: 0, y: 0, on: &surface)
    return surface.text(theme.depth)
  }
}

extension PixelImage {
  /// The same picture.
  init(_ picture: Picture) {
    self.init(
      width: picture.width, height: picture.height,
      pixels: picture.channels == 1 ? .grey(picture.bytes) : .rgb(picture.bytes))
  }
}

extension Console {
  /// The characters that standard output can show.
  static var symbols: Symbols { isUTF8 ? .unicode : .ascii }

  /// The user's theme in the colours that standard output has, on the terminal's own background.
  static var theme: Theme {
    let chosen = try? ThemeFile.load(
      SettingsFile.load().theme, folders: ResourceFolders.existing("themes"))
    var theme = chosen ?? .dark
    theme.looks[.background] = nil
    theme.looks[.text] = nil
    return theme.adapted(to: isTerminal ? ColorDepth.ofOutput { environment($0) } : .monochrome)
  }
}

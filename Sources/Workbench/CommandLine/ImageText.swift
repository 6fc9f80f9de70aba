import Diffusion
import TUI

/// Shows images on standard output: half-blocks in colour where the terminal has both, else letters.
enum ImageText {
  /// The image as lines of text, each with its end; a cell has two points, one above the other.
  static func text(_ image: Image) -> String {
    let theme = Console.theme
    var surface = Surface(Size(image.width, (image.height + 1) / 2), symbols: Console.symbols)
    ImagePainter(style: .halfBlocks, theme: theme).draw(
      PixelImage(image), scale: .actual, x: 0, y: 0, on: &surface)
    return surface.text(theme.depth)
  }
}

extension PixelImage {
  /// The same image.
  init(_ image: Image) {
    self.init(
      width: image.width, height: image.height,
      pixels: image.channels == 1 ? .grey(image.bytes) : .rgb(image.bytes))
  }
}

extension Console {
  /// The characters that standard output can show.
  static var symbols: Symbols { isUTF8 ? .unicode : .ascii }

  /// The user's theme in the colours that standard output has, on the terminal's own background.
  static var theme: Theme {
    let background = environment("COLORFGBG").flatMap { Color.background(colorFGBG: $0) }
    let name = SettingsFile.load().settings.themeName(onDark: background?.isDark ?? true)
    let chosen = try? ThemeFile.load(name, folders: ResourceFolders.existing("themes"))
    var theme = chosen ?? .dark
    theme.looks[.background] = nil
    theme.looks[.text] = nil
    return theme.adapted(
      to: isTerminal ? ColorDepth.ofOutput { environment($0) } : .monochrome,
      onDark: background?.isDark)
  }
}

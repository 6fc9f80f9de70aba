internal import CCairo

/// Why a figure cannot be drawn, as the sentence the user reads.
package struct FigureError: Error, CustomStringConvertible {
  package let description: String
}

/// The functions of Cairo, found when the first figure is drawn.
struct Cairo {
  let calls: cairo_calls

  /// The functions, or why they cannot be had.
  static let loaded: Result<Cairo, FigureError> = {
    var calls = cairo_calls()
    if let reason = cairo_calls_load(&calls) {
      return .failure(
        FigureError(
          description: "Cairo, which draws figures, cannot be loaded: \(String(cString: reason)); "
            + "install libcairo2"))
    }
    return .success(Cairo(calls: calls))
  }()

  /// The version, such as 11600 for 1.16.0.
  var version: Int { Int(calls.version()) }
}

/// A sheet that is drawn on, in units of a pixel at the usual size; y goes down.
///
/// It belongs to one queue.
final class Canvas {
  private let cairo: cairo_calls
  private let surface: OpaquePointer?
  private let context: OpaquePointer?
  private let output = Bytes()
  private let format: FigureFormat
  /// How many pixels a unit has.
  let scale: Double

  /// A sheet of `width` × `height` pixels, each unit `scale` of them.
  init(width: Int, height: Int, scale: Double, _ format: FigureFormat) throws(FigureError) {
    cairo = try Cairo.loaded.get().calls
    (self.format, self.scale) = (format, scale)
    switch format {
    case .png:
      surface = cairo.image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    case .svg:
      surface = cairo.svg_surface_create_for_stream(
        Bytes.add, output.pointer, Double(width), Double(height))
      cairo.svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
    }
    context = cairo.create(surface)
    cairo.scale(context, scale, scale)
    cairo.set_line_join(context, CAIRO_LINE_JOIN_ROUND)
  }

  deinit {
    cairo.destroy(context)
    cairo.surface_destroy(surface)
  }

  /// Ends the drawing; returns the bytes of the file.
  func finish() throws(FigureError) -> [UInt8] {
    if format == .png {
      cairo.surface_flush(surface)
      _ = cairo.surface_write_to_png_stream(surface, Bytes.add, output.pointer)
    }
    cairo.surface_finish(surface)
    let status = cairo.surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      let reason = cairo.status_to_string(status).map { String(cString: $0) } ?? "unknown"
      throw FigureError(description: "the figure cannot be drawn: \(reason)")
    }
    return output.bytes
  }
}

/// Where Cairo's stream goes.
private final class Bytes {
  var bytes: [UInt8] = []

  /// Itself as Cairo hands it back; the canvas, which owns it, lives as long as the stream.
  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static let add: cairo_write_func_t = { closure, data, count in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    let target = Unmanaged<Bytes>.fromOpaque(closure).takeUnretainedValue()
    target.bytes += UnsafeBufferPointer(start: data, count: Int(count))
    return CAIRO_STATUS_SUCCESS
  }
}

// MARK: - Shapes

extension Canvas {
  /// Draws with the upper left corner at (`x`, `y`), turned by `turn` radians.
  func placed(x: Double, y: Double, turn: Double = 0, _ body: () -> Void) {
    cairo.save(context)
    cairo.translate(context, x, y)
    if turn != 0 { cairo.rotate(context, turn) }
    body()
    cairo.restore(context)
  }

  /// Draws inside a rectangle only.
  func clipped(to area: Area, _ body: () -> Void) {
    cairo.save(context)
    cairo.rectangle(context, area.x, area.y, area.width, area.height)
    cairo.clip(context)
    body()
    cairo.restore(context)
  }

  /// A line through places, `width` thick; `dash` are lengths of strokes and gaps.
  func line(_ places: [Place], _ color: Hue, width: Double, dash: [Double] = []) {
    guard let first = places.first else { return }
    use(color)
    cairo.set_line_width(context, width)
    cairo.set_dash(context, dash, Int32(dash.count), 0)
    cairo.move_to(context, first.x, first.y)
    for place in places.dropFirst() { cairo.line_to(context, place.x, place.y) }
    cairo.stroke(context)
  }

  /// A filled rectangle.
  func fill(_ area: Area, _ color: Hue) {
    use(color)
    cairo.rectangle(context, area.x, area.y, area.width, area.height)
    cairo.fill(context)
  }

  /// The frame of a rectangle.
  func frame(_ area: Area, _ color: Hue, width: Double) {
    use(color)
    cairo.set_line_width(context, width)
    cairo.set_dash(context, [], 0, 0)
    cairo.rectangle(context, area.x, area.y, area.width, area.height)
    cairo.stroke(context)
  }

  /// Filled circles.
  func dots(_ places: [Place], radius: Double, _ color: Hue) {
    use(color)
    cairo.set_line_width(context, 2 * radius)
    cairo.set_dash(context, [], 0, 0)
    // Round ends alone: in an SVG file much shorter than circles.
    cairo.set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    for place in places {
      cairo.move_to(context, place.x, place.y)
      cairo.line_to(context, place.x, place.y)
    }
    cairo.stroke(context)
    cairo.set_line_cap(context, CAIRO_LINE_CAP_BUTT)
  }

  /// An image over a rectangle, its pixels as squares.
  func image(_ raster: Figure.Raster, in area: Area) {
    // Viewers of SVG blur small images when they enlarge them; large ones stay as they are.
    let times =
      format == .svg ? max(1, Int((2 * area.width / Double(raster.width)).rounded(.up))) : 1
    let (width, height) = (raster.width * times, raster.height * times)
    let image = cairo.image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    defer { cairo.surface_destroy(image) }
    guard let data = cairo.image_surface_get_data(image) else { return }
    let stride = Int(cairo.image_surface_get_stride(image))
    for y in 0..<height {
      let row = UnsafeMutableRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
      for x in 0..<width { row[x] = raster.pixel(x / times, y / times) }
    }
    cairo.surface_mark_dirty(image)
    cairo.save(context)
    cairo.translate(context, area.x, area.y)
    cairo.scale(context, area.width / Double(width), area.height / Double(height))
    cairo.set_source_surface(context, image, 0, 0)
    cairo.pattern_set_filter(cairo.get_source(context), CAIRO_FILTER_NEAREST)
    cairo.rectangle(context, 0, 0, Double(width), Double(height))
    cairo.fill(context)
    cairo.restore(context)
  }

  /// Fills the outline of letters, in units of which `size` fit an em, from the line they stand on.
  func fill(_ letters: [Letters.Placed], size: Double, _ color: Hue) {
    use(color)
    for letter in letters {
      for piece in letter.outline {
        func map(_ point: Place) -> Place {
          Place(x: (letter.x + point.x) * size, y: -point.y * size)
        }
        switch piece {
        case .move(let point): cairo.move_to(context, map(point).x, map(point).y)
        case .line(let point): cairo.line_to(context, map(point).x, map(point).y)
        case .curve(let first, let second, let end):
          cairo.curve_to(
            context, map(first).x, map(first).y, map(second).x, map(second).y, map(end).x,
            map(end).y)
        case .close: cairo.close_path(context)
        }
      }
    }
    cairo.fill(context)
  }

  private func use(_ color: Hue) {
    cairo.set_source_rgba(context, color.red, color.green, color.blue, color.opacity)
  }
}

extension Figure.Raster {
  /// A pixel as 0xRRGGBB.
  fileprivate func pixel(_ x: Int, _ y: Int) -> UInt32 {
    let index = y * width + x
    if isGrey { return UInt32(bytes[index]) * 0x01_0101 }
    return UInt32(bytes[3 * index]) << 16 | UInt32(bytes[3 * index + 1]) << 8
      | UInt32(bytes[3 * index + 2])
  }
}

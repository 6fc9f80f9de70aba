#pragma once
#include <dlfcn.h>

#if defined(__linux__)
#include <cairo/cairo-svg.h>
#include <cairo/cairo.h>
#define CAIRO_FILE "libcairo.so.2"
#else
#include <cairo-svg.h>
#include <cairo.h>
#define CAIRO_FILE "libcairo.2.dylib"
#endif

// Cairo is loaded when the first figure is written. The two dozen libraries that come with it take
// milliseconds to load, which the screens and all other commands would wait for.

#define CAIRO_CALLS(CALL) \
  CALL(clip) CALL(close_path) CALL(create) CALL(curve_to) CALL(destroy) CALL(fill) \
  CALL(get_source) CALL(image_surface_create) CALL(image_surface_get_data) \
  CALL(image_surface_get_stride) CALL(line_to) CALL(move_to) CALL(paint) CALL(pattern_set_filter) \
  CALL(rectangle) CALL(restore) CALL(rotate) CALL(save) CALL(scale) CALL(set_dash) \
  CALL(set_line_cap) CALL(set_line_join) CALL(set_line_width) CALL(set_source_rgba) \
  CALL(set_source_surface) CALL(status_to_string) CALL(stroke) CALL(surface_destroy) \
  CALL(surface_finish) CALL(surface_flush) CALL(surface_mark_dirty) CALL(surface_status) \
  CALL(surface_write_to_png_stream) CALL(svg_surface_create_for_stream) \
  CALL(svg_surface_set_document_unit) CALL(translate) CALL(version)

#define CAIRO_POINTER(name) __typeof__(cairo_##name) *name;

/// The functions of Cairo that figures use, by their names without the prefix.
struct cairo_calls {
  CAIRO_CALLS(CAIRO_POINTER)
};

#undef CAIRO_POINTER
#define CAIRO_FIND(name) \
  if (!(calls->name = (__typeof__(calls->name))dlsym(library, "cairo_" #name))) return dlerror();

/// Finds the functions; returns the reason why one cannot be had, or null.
static inline const char *cairo_calls_load(struct cairo_calls *calls) {
  void *library = dlopen(CAIRO_FILE, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  CAIRO_CALLS(CAIRO_FIND)
  return 0;
}

#undef CAIRO_FIND

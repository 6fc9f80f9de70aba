#include "CKernels.h"
#include "vector.h"

// Copies columns [from, to) of one line of kernel taps: `source` is where the leftmost tap lies in
// the input line, and taps outside [0, width) read zero.
INLINE void gather_taps(float *out, const float *line, ptrdiff_t x0, ptrdiff_t width,
                        ptrdiff_t channels, ptrdiff_t from, ptrdiff_t to) {
  ptrdiff_t low = -x0 * channels, high = (width - x0) * channels;  // columns inside the picture
  low = low < from ? from : (low > to ? to : low);
  high = high > to ? to : (high < low ? low : high);
  for (ptrdiff_t j = from; j < low; j++) *out++ = 0;
  const float *source = line + x0 * channels;
  for (ptrdiff_t j = low; j < high; j++) *out++ = source[j];
  for (ptrdiff_t j = high; j < to; j++) *out++ = 0;
}

VECTOR void ck_gather_patches(float *restrict rows, const float *restrict x, const ck_window *w,
                              ptrdiff_t line, ptrdiff_t line_end, ptrdiff_t column,
                              ptrdiff_t column_end) {
  ptrdiff_t run = w->kernel_width * w->channels, length = column_end - column;
  for (; line < line_end; line++) {
    const float *sample = x + line / w->out_height * w->height * w->width * w->channels;
    ptrdiff_t y0 = line % w->out_height * w->stride - w->pad_top;
    for (ptrdiff_t ox = 0; ox < w->out_width; ox++, rows += length) {
      ptrdiff_t x0 = ox * w->stride - w->pad_left;
      for (ptrdiff_t ky = column / run; ky * run < column_end; ky++) {
        ptrdiff_t from = column - ky * run, to = column_end - ky * run;
        from = from < 0 ? 0 : from;
        to = to > run ? run : to;
        float *out = rows + ky * run + from - column;
        ptrdiff_t y = y0 + ky;
        if (y < 0 || y >= w->height)
          for (ptrdiff_t j = from; j < to; j++) *out++ = 0;
        else
          gather_taps(out, sample + y * w->width * w->channels, x0, w->width, w->channels, from,
                      to);
      }
    }
  }
}

VECTOR void ck_scatter_patches(float *restrict dx, const float *restrict rows,
                               const ck_window *w) {
  ptrdiff_t run = w->kernel_width * w->channels;
  for (ptrdiff_t oy = 0; oy < w->out_height; oy++)
    for (ptrdiff_t ox = 0; ox < w->out_width; ox++) {
      ptrdiff_t y0 = oy * w->stride - w->pad_top, x0 = ox * w->stride - w->pad_left;
      ptrdiff_t low = x0 < 0 ? -x0 * w->channels : 0;
      ptrdiff_t high = (w->width - x0) * w->channels;
      high = high > run ? run : high;
      for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++, rows += run) {
        ptrdiff_t y = y0 + ky;
        if (y < 0 || y >= w->height) continue;
        float *target = dx + (y * w->width + x0) * w->channels;
        for (ptrdiff_t j = low; j < high; j++) target[j] += rows[j];
      }
    }
}

VECTOR void ck_upsample(float *restrict y, const float *restrict x, ptrdiff_t height,
                        ptrdiff_t width, ptrdiff_t channels) {
  for (ptrdiff_t row = 0; row < 2 * height; row++)
    for (ptrdiff_t column = 0; column < 2 * width; column++, y += channels) {
      const float *source = x + (row / 2 * width + column / 2) * channels;
      for (ptrdiff_t c = 0; c < channels; c++) y[c] = source[c];
    }
}

VECTOR void ck_upsample_backward(float *restrict dx, const float *restrict dy, ptrdiff_t height,
                                 ptrdiff_t width, ptrdiff_t channels) {
  ptrdiff_t line = 2 * width * channels;
  for (ptrdiff_t row = 0; row < height; row++)
    for (ptrdiff_t column = 0; column < width; column++, dx += channels) {
      const float *g = dy + 2 * row * line + 2 * column * channels;
      for (ptrdiff_t c = 0; c < channels; c++)
        dx[c] = (g[c] + g[channels + c]) + (g[line + c] + g[line + channels + c]);
    }
}

void ck_pad(float *restrict padded, const float *restrict x, ptrdiff_t height, ptrdiff_t width,
            ptrdiff_t channels, ptrdiff_t border) {
  size_t inner = (size_t)(width * channels) * sizeof(float), side = (size_t)(border * channels);
  size_t line = (size_t)(width * channels) + 2 * side;
  memset(padded, 0, (size_t)border * line * sizeof(float));
  padded += (size_t)border * line;
  for (ptrdiff_t row = 0; row < height; row++, x += width * channels, padded += line) {
    memset(padded, 0, side * sizeof(float));
    memcpy(padded + side, x, inner);
    memset(padded + line - side, 0, side * sizeof(float));
  }
  memset(padded, 0, (size_t)border * line * sizeof(float));
}

// Blocks of 16×16 keep both sides in the cache.
VECTOR void ck_transpose(float *restrict out, const float *restrict x, ptrdiff_t rows,
                         ptrdiff_t columns) {
  for (ptrdiff_t r0 = 0; r0 < rows; r0 += 16)
    for (ptrdiff_t c0 = 0; c0 < columns; c0 += 16)
      for (ptrdiff_t c = c0; c < columns && c < c0 + 16; c++)
        for (ptrdiff_t r = r0; r < rows && r < r0 + 16; r++)
          out[c * rows + r] = x[r * columns + c];
}

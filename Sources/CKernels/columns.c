#include "CKernels.h"
#include "vector.h"

// Copies columns [from, to) of one line of kernel taps that are neighbours: `x0` is where the
// leftmost tap lies in the input line, and taps outside [0, width) read zero.
INLINE void gather_taps(float *out, const float *line, ptrdiff_t x0, ptrdiff_t width,
                        ptrdiff_t channels, ptrdiff_t from, ptrdiff_t to) {
  ptrdiff_t low = -x0 * channels, high = (width - x0) * channels;  // columns inside the image
  low = low < from ? from : (low > to ? to : low);
  high = high > to ? to : (high < low ? low : high);
  for (ptrdiff_t j = from; j < low; j++) *out++ = 0;
  const float *source = line + x0 * channels;
  for (ptrdiff_t j = low; j < high; j++) *out++ = source[j];
  for (ptrdiff_t j = high; j < to; j++) *out++ = 0;
}

// The same where taps lie `dilation` positions apart: one tap after the other.
INLINE void gather_apart(float *out, const float *line, ptrdiff_t x0, const ck_geometry *w,
                         ptrdiff_t from, ptrdiff_t to) {
  while (from < to) {
    ptrdiff_t x = x0 + from / w->channels * w->dilation, channel = from % w->channels;
    ptrdiff_t count = w->channels - channel;
    count = count < to - from ? count : to - from;
    int inside = x >= 0 && x < w->width;
    for (ptrdiff_t j = 0; j < count; j++)
      *out++ = inside ? line[x * w->channels + channel + j] : 0;
    from += count;
  }
}

VECTOR void ck_gather_patches(float *restrict rows, const float *restrict x, const ck_geometry *w,
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
        ptrdiff_t y = y0 + ky * w->dilation;
        const float *source = sample + y * w->width * w->channels;
        if (y < 0 || y >= w->height)
          for (ptrdiff_t j = from; j < to; j++) *out++ = 0;
        else if (w->dilation == 1)
          gather_taps(out, source, x0, w->width, w->channels, from, to);
        else
          gather_apart(out, source, x0, w, from, to);
      }
    }
  }
}

VECTOR void ck_scatter_patches(float *restrict dx, const float *restrict rows,
                               const ck_geometry *w) {
  ptrdiff_t run = w->kernel_width * w->channels;
  for (ptrdiff_t oy = 0; oy < w->out_height; oy++)
    for (ptrdiff_t ox = 0; ox < w->out_width; ox++) {
      ptrdiff_t y0 = oy * w->stride - w->pad_top, x0 = ox * w->stride - w->pad_left;
      for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++, rows += run) {
        ptrdiff_t y = y0 + ky * w->dilation;
        if (y < 0 || y >= w->height) continue;
        for (ptrdiff_t kx = 0; kx < w->kernel_width; kx++) {
          ptrdiff_t x = x0 + kx * w->dilation;
          if (x < 0 || x >= w->width) continue;
          float *target = dx + (y * w->width + x) * w->channels;
          const float *source = rows + kx * w->channels;
          for (ptrdiff_t c = 0; c < w->channels; c++) target[c] += source[c];
        }
      }
    }
}

VECTOR void ck_upsample(float *restrict y, const float *restrict x, ptrdiff_t height,
                        ptrdiff_t width, ptrdiff_t channels, ptrdiff_t down) {
  for (ptrdiff_t row = 0; row < down * height; row++)
    for (ptrdiff_t column = 0; column < 2 * width; column++, y += channels) {
      const float *source = x + (row / down * width + column / 2) * channels;
      for (ptrdiff_t c = 0; c < channels; c++) y[c] = source[c];
    }
}

VECTOR void ck_upsample_backward(float *restrict dx, const float *restrict dy, ptrdiff_t height,
                                 ptrdiff_t width, ptrdiff_t channels, ptrdiff_t down) {
  ptrdiff_t line = 2 * width * channels;
  for (ptrdiff_t row = 0; row < height; row++)
    for (ptrdiff_t column = 0; column < width; column++, dx += channels) {
      const float *g = dy + down * row * line + 2 * column * channels;
      for (ptrdiff_t c = 0; c < channels; c++) dx[c] = g[c] + g[channels + c];
      if (down == 2)
        for (ptrdiff_t c = 0; c < channels; c++)
          dx[c] += g[line + c] + g[line + channels + c];
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

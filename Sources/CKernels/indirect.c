// Convolution of any geometry without gathering patches: blocks of output positions, wherever in the
// batch they lie, read their taps through pointers. Where images are small, the positions of a block
// are the same place in neighbouring images, so that taps outside are left out for all at once, and
// the weights are read once for the whole batch.
//
// A transposed strided convolution is a convolution over inputs with zeros between them. Output positions
// that see the same taps are then taken consecutively, so that a block skips the taps that meet only zeros.
//
// After Dukhan 2019, "The Indirect Convolution Algorithm", https://arxiv.org/abs/1907.02129.

#define CHUNK 96      // positions whose pointers are found at a time: whole blocks at every level
#define BODY "indirect.h"
#include "levels.h"

// The output position with this index: row by row, or, where spacing > 1, grouped by row and column modulo
// the spacing, so that positions that see the same taps are consecutive.
INLINE ptrdiff_t find_place(const ck_geometry *g, ptrdiff_t index) {
  ptrdiff_t s = g->spacing, y = 0, x = 0;
  if (s == 1) return index;
  ptrdiff_t rows = (g->out_height + s - 1) / s, columns = (g->out_width + s - 1) / s;
  for (; index >= rows * g->out_width; rows = (g->out_height - ++y + s - 1) / s)
    index -= rows * g->out_width;
  for (; index >= rows * columns; columns = (g->out_width - ++x + s - 1) / s)
    index -= rows * columns;
  return (y + index / columns * s) * g->out_width + x + index % columns * s;
}

// Which of `length` inputs each tap of a line sees, from the place of the first; below 0 for none.
INLINE void find_inputs(int *at, ptrdiff_t start, ptrdiff_t taps, const ck_geometry *g,
                        ptrdiff_t length) {
  int place = (int)start, spacing = (int)g->spacing;
  for (ptrdiff_t tap = 0; tap < taps; tap++, place += (int)g->dilation) {
    int input = spacing == 1 ? place : place % spacing == 0 ? place / spacing : -1;
    at[tap] = input < length ? input : -1;
  }
}

// Where the positions [first, first + count) of the output and their taps lie.
static void find(float **out, const float **rows, float *y, const float *x, const float *zeros,
                 const ck_indirect *s, ptrdiff_t first, ptrdiff_t count) {
  const ck_geometry *g = &s->geometry;
  ptrdiff_t places = g->out_height * g->out_width;
  for (ptrdiff_t i = 0; i < count; i++) {
    ptrdiff_t index = first + i;
    ptrdiff_t sample = s->across_batch ? index % s->batch : index / places;
    ptrdiff_t place = find_place(g, s->across_batch ? index / s->batch : index % places);
    ptrdiff_t y0 = place / g->out_width * g->stride - g->pad_top;
    ptrdiff_t x0 = place % g->out_width * g->stride - g->pad_left;
    const float *image = x + sample * g->height * g->width * g->channels;
    out[i] = y + (sample * places + place) * s->output;
    const float **row = rows + i;
    int lines[CK_INDIRECT_TAPS], columns[CK_INDIRECT_TAPS];
    find_inputs(lines, y0, g->kernel_height, g, g->height);
    find_inputs(columns, x0, g->kernel_width, g, g->width);
    for (ptrdiff_t ky = 0; ky < g->kernel_height; ky++)
      for (ptrdiff_t kx = 0; kx < g->kernel_width; kx++, row += CHUNK)
        *row = lines[ky] >= 0 && columns[kx] >= 0
                   ? image + (lines[ky] * g->width + columns[kx]) * g->channels : zeros;
  }
}

// Few positions: weights that are used so seldom are not worth packing.
static void stream(float *y, const float *x, const float *w, const float *bias, const float *plus,
                   ptrdiff_t first, ptrdiff_t count, ptrdiff_t column, ptrdiff_t columns,
                   const float *zeros, const ck_indirect *s) {
  const float *rows[CHUNK * CK_INDIRECT_TAPS];
  float *out[CHUNK];
  size_t size = (size_t)columns * sizeof(float);
  find(out, rows, y + column, x, zeros, s, first, count);
  for (ptrdiff_t i = 0; i < count; i++)
    if (bias) memcpy(out[i], bias + column, size);
    else memset(out[i], 0, size);
  DISPATCH(s->level, streamed, out, rows, count, w + column, s->output, zeros,
           s->geometry.kernel_height * s->geometry.kernel_width, s->geometry.channels, columns);
  if (!plus) return;
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t c = 0; c < columns; c++) out[i][c] += plus[out[i] - y + c];
}

void ck_convolve_indirect(float *y, const float *x, const float *w, const float *bias,
                          const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                          ptrdiff_t panel_end, float *scratch, const ck_indirect *s) {
  ptrdiff_t channels = s->geometry.channels;
  ptrdiff_t taps = s->geometry.kernel_height * s->geometry.kernel_width;
  float *zeros = scratch, *packed = scratch + channels;
  memset(zeros, 0, (size_t)channels * sizeof(float));
  if (last - first <= CK_INDIRECT_FEW) {
    ptrdiff_t end = s->output < 16 * panel_end ? s->output : 16 * panel_end;
    stream(y, x, w, bias, plus, first, last - first, 16 * panel, end - 16 * panel, zeros, s);
    return;
  }
  const float *rows[CHUNK * CK_INDIRECT_TAPS];
  float *out[CHUNK];
  ptrdiff_t size = taps * channels * 16;
  ck_pack_panels(packed, w + 16 * panel, s->output, 1, taps * channels, s->output - 16 * panel, 0,
                 panel_end - panel);
  for (ptrdiff_t start = first; start < last; start += CHUNK) {
    ptrdiff_t count = last - start < CHUNK ? last - start : CHUNK;
    find(out, rows, y + 16 * panel, x, zeros, s, start, count);
    for (ptrdiff_t p = panel; p < panel_end; p++) {
      ptrdiff_t columns = s->output - 16 * p < 16 ? s->output - 16 * p : 16;
      float begin[16] = {0};
      if (bias) memcpy(begin, bias + 16 * p, (size_t)columns * sizeof(float));
      DISPATCH(s->level, positions, out, rows, count, packed + (p - panel) * size, begin, zeros, y,
               plus, taps, channels, columns);
      for (ptrdiff_t i = 0; i < count; i++) out[i] += 16;
    }
  }
}

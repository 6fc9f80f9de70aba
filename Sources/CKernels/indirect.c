// Convolution of any geometry without gathering patches: blocks of output positions, wherever in the
// batch they lie, read their taps through pointers. Where images are small, the positions of a block
// are the same place in neighbouring images, so that taps outside are left out for all at once, and
// the weights are read once for the whole batch.
//
// The transpose of a stride is a convolution too, over inputs with zeros between them. Positions that
// see the same taps then follow one another, so that the zeros cost nothing.
//
// After Dukhan 2019, "The Indirect Convolution Algorithm", https://arxiv.org/abs/1907.02129.

#define CHUNK 96      // positions whose pointers are found at a time: whole blocks at every level
#define BODY "indirect.h"
#include "levels.h"

// The place of this number in an image: row by row, or, where inputs lie apart, those that see the same
// taps one after another.
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
    for (ptrdiff_t ky = 0; ky < g->kernel_height; ky++)
      for (ptrdiff_t kx = 0; kx < g->kernel_width; kx++, row += CHUNK) {
        ptrdiff_t iy = y0 + ky * g->dilation, ix = x0 + kx * g->dilation;
        int inside = iy >= 0 && ix >= 0;
        if (g->spacing > 1) {
          inside &= iy % g->spacing == 0 && ix % g->spacing == 0;
          iy /= g->spacing, ix /= g->spacing;
        }
        inside &= iy < g->height && ix < g->width;
        *row = inside ? image + (iy * g->width + ix) * g->channels : zeros;
      }
  }
}

// Columns [column, column + 16) of the weights, and zeros beyond the last.
static void pack(float *panel, const float *w, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, panel += 16, w += width) {
    memcpy(panel, w, (size_t)columns * sizeof(float));
    memset(panel + columns, 0, (size_t)(16 - columns) * sizeof(float));
  }
}

void ck_convolve_indirect(float *y, const float *x, const float *w, const float *bias,
                          const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                          ptrdiff_t panel_end, float *scratch, const ck_indirect *s) {
  ptrdiff_t channels = s->geometry.channels;
  ptrdiff_t taps = s->geometry.kernel_height * s->geometry.kernel_width;
  float *zeros = scratch, *packed = scratch + channels;
  memset(zeros, 0, (size_t)channels * sizeof(float));
  const float *rows[CHUNK * CK_INDIRECT_TAPS];
  float *out[CHUNK];
  ptrdiff_t size = taps * channels * 16;
  for (ptrdiff_t p = panel; p < panel_end; p++) {
    ptrdiff_t columns = s->output - 16 * p < 16 ? s->output - 16 * p : 16;
    pack(packed + (p - panel) * size, w + 16 * p, taps * channels, s->output, columns);
  }
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

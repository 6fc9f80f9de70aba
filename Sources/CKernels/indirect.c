// Convolution of any geometry without gathering patches: blocks of output positions, wherever in the
// batch they lie, read their taps through pointers. Where images are small, the positions of a block
// are the same place in neighbouring images, so that taps outside are left out for all at once, and
// the weights are read once for the whole batch.
//
// After Dukhan 2019, "The Indirect Convolution Algorithm", https://arxiv.org/abs/1907.02129.

#define CHUNK 96      // positions whose pointers are found at a time: whole blocks at every level
#define BODY "indirect.h"
#include "levels.h"

// Where the positions [first, first + count) of the output and their taps lie.
static void find(float **out, const float **rows, float *y, const float *x, const float *zeros,
                 const ck_indirect *s, ptrdiff_t first, ptrdiff_t count) {
  const ck_geometry *g = &s->geometry;
  ptrdiff_t places = g->out_height * g->out_width;
  for (ptrdiff_t i = 0; i < count; i++) {
    ptrdiff_t index = first + i;
    ptrdiff_t sample = s->across_batch ? index % s->batch : index / places;
    ptrdiff_t place = s->across_batch ? index / s->batch : index % places;
    ptrdiff_t y0 = place / g->out_width * g->stride - g->pad_top;
    ptrdiff_t x0 = place % g->out_width * g->stride - g->pad_left;
    const float *image = x + sample * g->height * g->width * g->channels;
    out[i] = y + (sample * places + place) * s->output;
    const float **row = rows + i;
    for (ptrdiff_t ky = 0; ky < g->kernel_height; ky++)
      for (ptrdiff_t kx = 0; kx < g->kernel_width; kx++, row += CHUNK) {
        ptrdiff_t iy = y0 + ky * g->dilation, ix = x0 + kx * g->dilation;
        int inside = iy >= 0 && iy < g->height && ix >= 0 && ix < g->width;
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

// Winograd's convolution F(4×4, 3×3): tiles of 4×4 outputs from 6×6 inputs with 36 multiplications
// instead of 144. Input, weights and output are polynomials, transformed to their values at 0, ±√½,
// ±√2 and ∞, in both directions; there a convolution is 36 matrix products over the channels.
//
// Source: Lavin and Gray 2016, https://arxiv.org/abs/1509.09308. Their points 0, ±1, ±2 cost four
// times the rounding error: the points here keep the powers near 1 (Alam et al. 2022,
// https://arxiv.org/abs/2201.10369).

#include "CKernels.h"
#include "vector.h"

#define A2 0.5f   // a², and POINT_A is a
#define B2 2.0f
#define POINT_A 0.70710678118654752f
#define POINT_B 1.41421356237309505f
#define MIDDLE 2.5f                // a² + b²; a²·b² = 1
#define SCALE_A (-2.0f / 3.0f)     // 1/(2a²(a² − b²))
#define SCALE_B (1.0f / 6.0f)      // 1/(2b²(b² − a²))

typedef struct {
  ptrdiff_t output;         // the first output position
  ptrdiff_t height, width;  // outputs that lie inside the image; may be more than 4
  ptrdiff_t sample, y, x;
} tile;

INLINE tile find_tile(const ck_winograd *s, ptrdiff_t index) {
  ptrdiff_t across = (s->out_width + 3) / 4, down = (s->out_height + 3) / 4;
  tile t;
  t.sample = index / (across * down);
  t.y = index / across % down * 4;
  t.x = index % across * 4;
  t.output = (t.sample * s->out_height + t.y) * s->out_width + t.x;
  t.height = s->out_height - t.y;
  t.width = s->out_width - t.x;
  return t;
}

// Where the 36 inputs of a tile lie, `zeros` for those outside the image.
INLINE void find_inputs(const float *at[6][6], const float *x, const float *zeros,
                        const ck_winograd *s, ptrdiff_t index) {
  const tile t = find_tile(s, index);
  const float *image = x + t.sample * s->height * s->width * s->input;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) {
      ptrdiff_t row = t.y - s->pad_top + i, column = t.x - s->pad_left + j;
      int inside = row >= 0 && row < s->height && column >= 0 && column < s->width;
      at[i][j] = inside ? image + (row * s->width + column) * s->input : zeros;
    }
}

#define BODY "winograd.h"
#include "levels.h"

void ck_winograd_weights(float *u, const float *w, ptrdiff_t panel, ptrdiff_t panel_end,
                         const ck_winograd *s) {
  DISPATCH(s->level, spread_weights, u, w, panel, panel_end, s);
}

void ck_winograd_convolve(float *y, const float *x, const float *u, const float *bias,
                          const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                          ptrdiff_t panel_end, float *scratch, const ck_winograd *s) {
  DISPATCH(s->level, convolve_tiles, y, x, u, bias, plus, first, last, panel, panel_end, scratch, s);
}

void ck_winograd_input(float *v, ptrdiff_t distance, const float *x, const float *zeros,
                       ptrdiff_t first, ptrdiff_t last, const ck_winograd *s) {
  DISPATCH(s->level, input_tiles, v, distance, x, zeros, s, first, last);
}

void ck_winograd_gradient(float *d, ptrdiff_t distance, ptrdiff_t panel_distance, const float *dy,
                          const float *zeros, ptrdiff_t first, ptrdiff_t last,
                          const ck_winograd *s) {
  DISPATCH(s->level, gradient_tiles, d, distance, panel_distance, dy, zeros, s, first, last);
}

void ck_winograd_multiply(float *du, const float *v, const float *d, ptrdiff_t panel_distance,
                          ptrdiff_t count, int first, const ck_winograd *s) {
  DISPATCH(s->level, multiply_tiles, du, v, d, panel_distance, count, first, s);
}

void ck_winograd_collect(float *dw, const float *du, ptrdiff_t row, ptrdiff_t row_end,
                         const ck_winograd *s) {
  DISPATCH(s->level, collect_weights, dw, du, row, row_end, s);
}

// Winograd's convolutions F(4×4, 3×3) and F(2×2, 3×3): tiles of 4×4 outputs from 6×6 inputs with 36
// multiplications instead of 144, and tiles of 2×2 from 4×4 with 16 instead of 36. Input, weights and
// output are polynomials, transformed to their values at 0, ±√½, ±√2 and ∞, or at 0, ±1 and ∞, in
// both directions; there a convolution is 36 or 16 matrix products over the channels.
//
// Source: Lavin and Gray 2016, https://arxiv.org/abs/1509.09308. Their points 0, ±1, ±2 for tiles of
// 4×4 cost four times the rounding error: the points here keep the powers near 1 (Alam et al. 2022,
// https://arxiv.org/abs/2201.10369).

#include "CKernels.h"
#include "vector.h"

// Inputs along the side of a tile of OUT outputs.
#define IN (OUT + 2)

typedef struct {
  ptrdiff_t output;         // the first output position
  ptrdiff_t height, width;  // outputs that lie inside the image; may be more than OUT
  ptrdiff_t sample, y, x;
} tile;

#define BODY "winograd.h"
#include "levels.h"

// Calls a function of the level and of the side asked for.
#define DISPATCH_SIDE(name, ...)               \
  if (s->side == 4) {                          \
    DISPATCH(s->level, name##_4, __VA_ARGS__); \
  } else {                                     \
    DISPATCH(s->level, name##_2, __VA_ARGS__); \
  }

void ck_winograd_weights(float *u, const float *w, ptrdiff_t panel, ptrdiff_t panel_end,
                         const ck_winograd *s) {
  DISPATCH_SIDE(spread_weights, u, w, panel, panel_end, s);
}

void ck_winograd_convolve(float *y, const float *x, const float *u, const float *bias,
                          const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                          ptrdiff_t panel_end, float *scratch, const ck_winograd *s) {
  DISPATCH_SIDE(convolve_tiles, y, x, u, bias, plus, first, last, panel, panel_end, scratch, s);
}

void ck_winograd_input(float *v, ptrdiff_t distance, const float *x, const float *zeros,
                       ptrdiff_t first, ptrdiff_t last, const ck_winograd *s) {
  DISPATCH_SIDE(input_tiles, v, distance, x, zeros, s, first, last);
}

void ck_winograd_gradient(float *d, ptrdiff_t distance, ptrdiff_t panel_distance, const float *dy,
                          const float *zeros, ptrdiff_t first, ptrdiff_t last,
                          const ck_winograd *s) {
  DISPATCH_SIDE(gradient_tiles, d, distance, panel_distance, dy, zeros, s, first, last);
}

void ck_winograd_multiply(float *du, const float *v, const float *d, ptrdiff_t panel_distance,
                          ptrdiff_t count, int first, const ck_winograd *s) {
  DISPATCH(s->level, multiply_tiles, du, v, d, panel_distance, count, first, s);
}

void ck_winograd_collect(float *dw, const float *du, ptrdiff_t row, ptrdiff_t row_end,
                         const ck_winograd *s) {
  DISPATCH_SIDE(collect_weights, dw, du, row, row_end, s);
}

#include "CKernels.h"
#include "vector.h"

VECTOR void ck_softmax_tile(float *restrict scores, float *restrict largest, float *restrict sums,
                            float *restrict out, ptrdiff_t rows, ptrdiff_t columns, float scale,
                            ptrdiff_t dimension, ptrdiff_t stride) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t r = 0; r < rows; r++, scores += columns, out += stride) {
    float top = largest[r];
    for (ptrdiff_t c = 0; c < columns; c++) {
      scores[c] *= scale;
      top = scores[c] > top ? scores[c] : top;
    }
    // What was summed before counts relative to the new largest score.
    float shrink = largest[r] == -INFINITY ? 0 : expf(largest[r] - top), sum = 0;
    for (ptrdiff_t c = 0; c < columns; c++) {
      scores[c] = vector_exp(scores[c] - top);
      sum += scores[c];
    }
    sums[r] = sums[r] * shrink + sum;
    largest[r] = top;
    if (shrink != 1)
      for (ptrdiff_t i = 0; i < dimension; i++) out[i] *= shrink;
  }
}

float ck_log_sum(float largest, float sum) { return largest + logf(sum); }

VECTOR void ck_attention_slopes(float *restrict scores, float *restrict slopes,
                                const float *restrict logs, const float *restrict products,
                                ptrdiff_t rows, ptrdiff_t columns, float scale) {
  for (ptrdiff_t r = 0; r < rows; r++, scores += columns, slopes += columns)
    for (ptrdiff_t c = 0; c < columns; c++) {
      float p = vector_exp(scores[c] * scale - logs[r]);
      scores[c] = p;
      slopes[c] = scale * p * (slopes[c] - products[r]);
    }
}

// A number that depends on every bit of the seed and of the place.
INLINE unsigned mixed(unsigned x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ x >> 16;
}

VECTOR void ck_dropout(float *restrict y, const float *restrict x, ptrdiff_t start, ptrdiff_t n,
                       unsigned seed, unsigned seed2, float rate) {
  float kept = 1.0f / (1.0f - rate);
  // 24 bits, as many as a float holds.
  int threshold = (int)(rate * 16777216.0f);
  for (ptrdiff_t i = 0; i < n; i++) {
    unsigned bits = mixed(mixed((unsigned)(start + i) ^ seed) + seed2);
    y[i] = (int)(bits >> 8) < threshold ? 0 : x[i] * kept;
  }
}

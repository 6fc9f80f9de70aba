#include "CKernels.h"
#include "vector.h"

VECTOR void ck_scale_rows(float *restrict y, const float *restrict x, const float *restrict a,
                          const float *restrict b, ptrdiff_t rows, ptrdiff_t n, int relu) {
  float floor = relu ? 0 : -INFINITY;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < n; c++) {
      float z = x[r * n + c] * a[c] + b[c];
      y[r * n + c] = z < floor ? floor : z;
    }
}

VECTOR void ck_column_squares(float *restrict sums, const float *restrict x,
                              const float *restrict mean, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < n; c++) {
      float d = x[r * n + c] - mean[c];
      sums[c] += d * d;
    }
}

VECTOR void ck_batch_norm_sums(float *restrict plain, float *restrict slope,
                               const float *restrict dy, const float *restrict x,
                               const float *restrict mean, const float *restrict scale,
                               const float *restrict a, const float *restrict b, ptrdiff_t rows,
                               ptrdiff_t n, int relu) {
  float floor = relu ? 0 : -INFINITY;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < n; c++) {
      float v = x[r * n + c], dz = v * a[c] + b[c] > floor ? dy[r * n + c] : 0;
      plain[c] += dz;
      slope[c] += dz * (v - mean[c]) * scale[c];
    }
}

VECTOR void ck_batch_norm_backward(float *restrict dx, const float *restrict dy,
                                   const float *restrict x, const float *restrict mean,
                                   const float *restrict scale, const float *restrict a,
                                   const float *restrict b, const float *restrict plain,
                                   const float *restrict slope, ptrdiff_t rows, ptrdiff_t n,
                                   int relu) {
  float floor = relu ? 0 : -INFINITY;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < n; c++) {
      float v = x[r * n + c], dz = v * a[c] + b[c] > floor ? dy[r * n + c] : 0;
      dx[r * n + c] = a[c] * (dz - plain[c] - (v - mean[c]) * scale[c] * slope[c]);
    }
}

// One row at a time: the rows are short.

// What x̂ of every row is multiplied by.
INLINE void row_factors(float *factor, const float *a, float offset, ptrdiff_t n) {
  for (ptrdiff_t c = 0; c < n; c++) factor[c] = 1.0f;
  if (a)
    for (ptrdiff_t c = 0; c < n; c++) factor[c] = offset + a[c];
}

VECTOR void ck_layer_norm(float *restrict y, float *restrict mean, float *restrict scale,
                          const float *restrict x, const float *a, const float *b, float offset,
                          ptrdiff_t rows, ptrdiff_t n, float epsilon) {
#pragma clang fp reassociate(on)
  float factor[n], summand[n];
  row_factors(factor, a, offset, n);
  memset(summand, 0, sizeof summand);
  if (b) memcpy(summand, b, sizeof summand);
  for (ptrdiff_t r = 0; r < rows; r++, x += n, y += n) {
    float sum = 0, squares = 0;
    for (ptrdiff_t c = 0; c < n; c++) sum += x[c];
    float m = sum / (float)n;
    for (ptrdiff_t c = 0; c < n; c++) squares += (x[c] - m) * (x[c] - m);
    float s = 1.0f / sqrtf(squares / (float)n + epsilon);
    for (ptrdiff_t c = 0; c < n; c++) y[c] = (x[c] - m) * s * factor[c] + summand[c];
    mean[r] = m;
    scale[r] = s;
  }
}

// `adds`, whether there is a `plus`, is a compile-time constant: see finish_backward in groupnorm.c.
INLINE void layer_norm_backward(float *restrict dx, float *restrict da, float *restrict db,
                                const float *restrict dy, const float *restrict x,
                                const float *restrict mean, const float *restrict scale,
                                const float *factor, const float *restrict plus, ptrdiff_t rows,
                                ptrdiff_t n, const int adds) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t r = 0; r < rows; r++, x += n, dx += n, dy += n) {
    float m = mean[r], s = scale[r], plain = 0, slope = 0;
    for (ptrdiff_t c = 0; c < n; c++) {
      float d = dy[c] * factor[c];
      plain += d;
      slope += d * (x[c] - m) * s;
    }
    plain /= (float)n;
    slope /= (float)n;
    for (ptrdiff_t c = 0; c < n; c++) {
      da[c] += dy[c] * (x[c] - m) * s;
      db[c] += dy[c];
    }
    for (ptrdiff_t c = 0; c < n; c++) {
      float d = s * (dy[c] * factor[c] - plain - (x[c] - m) * s * slope);
      dx[c] = adds ? d + plus[c] : d;
    }
    if (adds) plus += n;
  }
}

VECTOR void ck_layer_norm_backward(float *restrict dx, float *restrict da, float *restrict db,
                                   const float *restrict dy, const float *restrict x,
                                   const float *restrict mean, const float *restrict scale,
                                   const float *a, const float *plus, float offset,
                                   ptrdiff_t rows, ptrdiff_t n) {
  float factor[n];
  row_factors(factor, a, offset, n);
  if (plus) layer_norm_backward(dx, da, db, dy, x, mean, scale, factor, plus, rows, n, 1);
  else layer_norm_backward(dx, da, db, dy, x, mean, scale, factor, plus, rows, n, 0);
}

VECTOR void ck_modulate(float *restrict y, const float *restrict x, const float *restrict scale,
                        const float *restrict shift, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++, x += n, y += n)
    for (ptrdiff_t c = 0; c < n; c++) y[c] = x[c] * (1 + scale[c]) + shift[c];
}

VECTOR void ck_modulate_backward(float *restrict dx, float *restrict dscale,
                                 float *restrict dshift, const float *restrict dy,
                                 const float *restrict x, const float *restrict scale,
                                 ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++, x += n, dx += n, dy += n)
    for (ptrdiff_t c = 0; c < n; c++) {
      dx[c] = dy[c] * (1 + scale[c]);
      dscale[c] += dy[c] * x[c];
      dshift[c] += dy[c];
    }
}

VECTOR void ck_gate(float *restrict y, const float *restrict x, const float *restrict gate,
                    const float *restrict sum, ptrdiff_t rows, ptrdiff_t n) {
  if (!sum)
    for (ptrdiff_t r = 0; r < rows; r++, x += n, y += n)
      for (ptrdiff_t c = 0; c < n; c++) y[c] = x[c] * gate[c];
  else
    for (ptrdiff_t r = 0; r < rows; r++, x += n, y += n, sum += n)
      for (ptrdiff_t c = 0; c < n; c++) y[c] = x[c] * gate[c] + sum[c];
}

VECTOR void ck_gate_backward(float *restrict dx, float *restrict dgate, const float *restrict dy,
                             const float *restrict x, const float *restrict gate, ptrdiff_t rows,
                             ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++, x += n, dx += n, dy += n)
    for (ptrdiff_t c = 0; c < n; c++) {
      dx[c] = dy[c] * gate[c];
      dgate[c] += dy[c] * x[c];
    }
}

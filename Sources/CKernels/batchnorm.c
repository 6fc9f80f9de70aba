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
VECTOR void ck_layer_norm(float *restrict y, float *restrict mean, float *restrict scale,
                          const float *restrict x, ptrdiff_t rows, ptrdiff_t n, float epsilon) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t r = 0; r < rows; r++, x += n, y += n) {
    float sum = 0, squares = 0;
    for (ptrdiff_t c = 0; c < n; c++) sum += x[c];
    float m = sum / (float)n;
    for (ptrdiff_t c = 0; c < n; c++) squares += (x[c] - m) * (x[c] - m);
    float s = 1.0f / sqrtf(squares / (float)n + epsilon);
    for (ptrdiff_t c = 0; c < n; c++) y[c] = (x[c] - m) * s;
    mean[r] = m;
    scale[r] = s;
  }
}

VECTOR void ck_layer_norm_backward(float *restrict dx, const float *restrict dy,
                                   const float *restrict x, const float *restrict mean,
                                   const float *restrict scale, ptrdiff_t rows, ptrdiff_t n) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t r = 0; r < rows; r++, x += n, dx += n, dy += n) {
    float m = mean[r], s = scale[r], plain = 0, slope = 0;
    for (ptrdiff_t c = 0; c < n; c++) {
      plain += dy[c];
      slope += dy[c] * (x[c] - m) * s;
    }
    plain /= (float)n;
    slope /= (float)n;
    for (ptrdiff_t c = 0; c < n; c++) dx[c] = s * (dy[c] - plain - (x[c] - m) * s * slope);
  }
}

#include "CKernels.h"
#include "vector.h"

VECTOR void ck_add(float *out, const float *x, const float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) out[i] = x[i] + y[i];
}

VECTOR void ck_combine(float *out, float a, const float *x, float b, const float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) out[i] = a * x[i] + b * y[i];
}

VECTOR void ck_clamp(float *x, float low, float high, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float v = x[i];
    v = v < low ? low : v;
    x[i] = v > high ? high : v;
  }
}

// Sums may be reordered: C would otherwise add one number after the other.
VECTOR double ck_sum_squares(const float *x, ptrdiff_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
  return sum;
}

VECTOR double ck_squared_distance(const float *x, const float *y, ptrdiff_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    double d = (double)x[i] - y[i];
    sum += d * d;
  }
  return sum;
}

VECTOR double ck_mse(float *dy, const float *y, const float *target, float scale, ptrdiff_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    float d = y[i] - target[i];
    dy[i] = scale * d;
    sum += (double)d * d;
  }
  return sum;
}

VECTOR void ck_add_row_to(float *restrict y, const float *restrict x, const float *restrict row,
                          ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < n; j++) y[r * n + j] = x[r * n + j] + row[j];
}

int ck_start_rows(float *y, const float *row, const float *plus, ptrdiff_t rows, ptrdiff_t n) {
  if (row && plus) ck_add_row_to(y, plus, row, rows, n);
  else if (plus) memcpy(y, plus, (size_t)(rows * n) * sizeof(float));
  else if (row)
    for (ptrdiff_t r = 0; r < rows; r++) memcpy(y + r * n, row, (size_t)n * sizeof(float));
  return row || plus;
}

VECTOR void ck_column_sums(float *restrict sums, const float *restrict x, ptrdiff_t rows,
                           ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < n; j++) sums[j] += x[r * n + j];
}

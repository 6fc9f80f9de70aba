#include "CKernels.h"
#include "vector.h"

VECTOR void ck_silu(float *y, const float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] * vector_sigmoid(x[i]);
}

VECTOR void ck_silu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float s = vector_sigmoid(x[i]);
    dx[i] = dy[i] * s * (1.0f + x[i] * (1.0f - s));
  }
}

// erf to about 3 ulp for |x| ≤ 4, beyond which it is ±1 in float32: the odd rational function
// x·P(x²)/Q(x²) whose coefficients Eigen and XLA use.
INLINE float vector_erf(float x) {
  x = x > 4.0f ? 4.0f : x;
  x = x < -4.0f ? -4.0f : x;
  float s = x * x;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s + -2.10102402082508e-06f;
  p = p * s + -5.69250639462346e-05f;
  p = p * s + -7.34990630326855e-04f;
  p = p * s + -2.95459980854025e-03f;
  p = p * s + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s + -2.13374055278905e-04f;
  q = q * s + -1.68282697438203e-03f;
  q = q * s + -7.37332916720468e-03f;
  q = q * s + -1.42647390514189e-02f;
  return x * p / q;
}

// GELU(x) = x·Φ(x), Φ the normal distribution function.
VECTOR void ck_gelu(float *y, const float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++)
    y[i] = x[i] * 0.5f * (1.0f + vector_erf(x[i] * 0.70710678118654752f));
}

VECTOR void ck_gelu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float distribution = 0.5f * (1.0f + vector_erf(x[i] * 0.70710678118654752f));
    float density = 0.39894228040143268f * vector_exp(-0.5f * x[i] * x[i]);
    dx[i] = dy[i] * (distribution + x[i] * density);
  }
}

// tanh(z) = 2·sigmoid(2z) − 1 with z = √(2/π)·(x + 0.044715·x³), so ½·(1 + tanh z) = sigmoid(2z).
VECTOR void ck_gelu_tanh(float *y, const float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++)
    y[i] = x[i] * vector_sigmoid(1.5957691216057308f * (x[i] + 0.044715f * x[i] * x[i] * x[i]));
}

VECTOR void ck_gelu_tanh_backward(float *dx, const float *x, const float *dy, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float s = vector_sigmoid(1.5957691216057308f * (x[i] + 0.044715f * x[i] * x[i] * x[i]));
    float slope = 1.5957691216057308f * (1.0f + 0.134145f * x[i] * x[i]);
    dx[i] = dy[i] * (s + x[i] * s * (1.0f - s) * slope);
  }
}

VECTOR void ck_elu(float *y, const float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : vector_exp(x[i]) - 1.0f;
}

VECTOR void ck_elu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : dy[i] * vector_exp(x[i]);
}

// tanh(ln(1 + u)) = n/(n + 2) with u = exp x and n = u² + 2u.
VECTOR void ck_mish(float *y, const float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float u = vector_exp(x[i] > 20.0f ? 20.0f : x[i]), m = u * u + 2.0f * u;
    y[i] = x[i] * (m / (m + 2.0f));
  }
}

VECTOR void ck_mish_backward(float *dx, const float *x, const float *dy, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float u = vector_exp(x[i] > 20.0f ? 20.0f : x[i]), m = u * u + 2.0f * u;
    float t = m / (m + 2.0f);
    dx[i] = dy[i] * (t + x[i] * (1.0f - t * t) * (u / (1.0f + u)));
  }
}

VECTOR void ck_relu(float *y, const float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

VECTOR void ck_relu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = x[i] <= 0 ? 0 : dy[i];
}

// The kernels in C against plain loops in double, for processors that the tests do not run on:
// scripts/verify arm compiles it for 64-bit Arm and runs it under qemu.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "CKernels.h"

static int failures;
static unsigned state = 1;

static float noise(void) {
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / 8388608.0f - 1.0f;
}

static float *numbers(ptrdiff_t count) {
  float *result = malloc((size_t)count * sizeof(float));
  for (ptrdiff_t i = 0; i < count; i++) result[i] = noise();
  return result;
}

// The largest difference in units of the largest number.
static void compare(const char *name, const float *found, const double *expected, ptrdiff_t count,
                    double tolerance) {
  double largest = 0, error = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    largest = fmax(largest, fabs(expected[i]));
    error = fmax(error, fabs(found[i] - expected[i]));
  }
  int fails = !(error <= tolerance * largest);
  failures += fails;
  printf("| %s | %.1e | %.0e%s |\n", name, error / largest, tolerance, fails ? " FAILED" : "");
}

static double *convolved(const float *x, const float *w, const float *bias, const float *plus,
                         const ck_geometry *g, ptrdiff_t batch, ptrdiff_t outputs) {
  ptrdiff_t places = g->out_height * g->out_width;
  double *y = malloc((size_t)(batch * places * outputs) * sizeof(double));
  for (ptrdiff_t p = 0; p < batch * places; p++)
    for (ptrdiff_t o = 0; o < outputs; o++) {
      double sum = bias[o] + plus[p * outputs + o];
      for (ptrdiff_t ky = 0; ky < g->kernel_height; ky++)
        for (ptrdiff_t kx = 0; kx < g->kernel_width; kx++) {
          ptrdiff_t row = p % places / g->out_width * g->stride - g->pad_top + ky;
          ptrdiff_t column = p % g->out_width * g->stride - g->pad_left + kx;
          if (row < 0 || row >= g->height || column < 0 || column >= g->width) continue;
          const float *at =
              x + ((p / places * g->height + row) * g->width + column) * g->channels;
          const float *weight = w + (ky * g->kernel_width + kx) * g->channels * outputs + o;
          for (ptrdiff_t c = 0; c < g->channels; c++) sum += (double)at[c] * weight[c * outputs];
        }
      y[p * outputs + o] = sum;
    }
  return y;
}

static void convolutions(ptrdiff_t side, ptrdiff_t inputs, ptrdiff_t outputs, ptrdiff_t stride) {
  const ptrdiff_t batch = 2, out = (side - 1) / stride + 1, count = batch * out * out * outputs;
  ck_geometry g = {side, side, inputs, out, out, 3, 3, stride, 1, 1, 1, 1};
  float *x = numbers(batch * side * side * inputs), *w = numbers(9 * inputs * outputs);
  float *bias = numbers(outputs), *plus = numbers(count), *y = numbers(count);
  double *expected = convolved(x, w, bias, plus, &g, batch, outputs);
  char name[64];
  ptrdiff_t panels = (outputs + 15) / 16;
  float *scratch = malloc((size_t)(inputs + 9 * inputs * 16 * panels) * sizeof(float));
  for (int across = 0; across < 2; across++) {
    ck_indirect shape = {g, batch, outputs, across, 0};
    ck_convolve_indirect(y, x, w, bias, plus, 0, batch * out * out, 0, panels, scratch, &shape);
    snprintf(name, sizeof name, "indirect %td² %td→%td /%td%s", side, inputs, outputs, stride,
             across ? ", across" : "");
    compare(name, y, expected, count, 1e-6);
  }
  for (int tile = 4; tile >= 2 && stride == 1 && inputs % 16 == 0 && outputs % 16 == 0; tile -= 2) {
    ck_winograd shape = {side, side, inputs, side, side, outputs, 1, 1, tile, 0};
    const ptrdiff_t across = (side + tile - 1) / tile, tiles = batch * across * across;
    const ptrdiff_t frequencies = (tile + 2) * (tile + 2);
    size_t weights = (size_t)(frequencies * CK_WINOGRAD_DISTANCE(inputs * outputs));
    size_t size = (size_t)(inputs + frequencies * (CK_WINOGRAD_DISTANCE(tiles * inputs)
                                                   + CK_WINOGRAD_DISTANCE(tiles * 16)));
    float *u = malloc(weights * sizeof(float)), *space = malloc(size * sizeof(float));
    ck_winograd_weights(u, w, 0, panels, &shape);
    ck_winograd_convolve(y, x, u, bias, plus, 0, tiles, 0, panels, space, &shape);
    snprintf(name, sizeof name, "winograd %d×%d, %td² %td→%td", tile, tile, side, inputs, outputs);
    compare(name, y, expected, count, 1e-5);
    free(u), free(space);
  }
  free(x), free(w), free(bias), free(plus), free(y), free(expected), free(scratch);
}

static double phi(double x) { return 0.5 * (1 + erf(x / sqrt(2.0))); }

static void activations(void) {
  enum { n = 1003 };
  float x[n], y[n];
  double expected[n];
  for (int i = 0; i < n; i++) x[i] = 6 * noise();
  ck_silu(y, x, n);
  for (int i = 0; i < n; i++) expected[i] = x[i] / (1 + exp(-(double)x[i]));
  compare("SiLU", y, expected, n, 1e-6);
  ck_gelu(y, x, n);
  for (int i = 0; i < n; i++) expected[i] = x[i] * phi(x[i]);
  compare("GELU", y, expected, n, 1e-6);
}

static void norms(void) {
  enum { rows = 12, n = 37 };
  float x[rows * n], y[rows * n], a[n], b[n], mean[rows], scale[rows];
  double expected[rows * n];
  for (int i = 0; i < rows * n; i++) x[i] = 3 + noise();
  for (int c = 0; c < n; c++) a[c] = noise(), b[c] = noise();
  for (int r = 0; r < rows; r++) {
    double m = 0, v = 0;
    for (int c = 0; c < n; c++) m += x[r * n + c] / (double)n;
    for (int c = 0; c < n; c++) v += (x[r * n + c] - m) * (x[r * n + c] - m) / n;
    for (int c = 0; c < n; c++)
      expected[r * n + c] = (x[r * n + c] - m) / sqrt(v + 1e-5) * (1 + (double)a[c]) + b[c];
  }
  ck_layer_norm(y, mean, scale, x, a, b, 1, rows, n, 1e-5f);
  compare("layer norm, modulated", y, expected, rows * n, 1e-5);
}

static void adam(void) {
  enum { n = 101 };
  float w[n], average[n], m[n], v[n], g[n];
  double expected[n];
  ck_adam_step step = {1e-3f, 0.999f, 1e-8f, 0.1f, 0.001f, 0.01f, 1, 0.1f, sqrtf(0.001f), 0.5f, 0.1f, 1};
  for (int i = 0; i < n; i++) {
    w[i] = average[i] = noise();
    g[i] = noise(), m[i] = v[i] = 0;
    double slope = 0.5 * g[i], first = 0.1 * slope, second = 0.001 * slope * slope;
    expected[i] = w[i] * (1 - 1e-5) - 1e-3 * (first / 0.1) / (sqrt(second) / sqrt(0.001) + 1e-8);
  }
  ck_adam(w, average, m, v, g, &step, n);
  compare("AdamW", w, expected, n, 1e-6);
  for (int i = 0; i < n; i++) failures += g[i] != 0;
}

int main(void) {
  convolutions(14, 32, 48, 1);
  convolutions(7, 16, 16, 1);
  convolutions(9, 5, 20, 1);
  convolutions(10, 16, 24, 2);
  activations();
  norms();
  adam();
  return failures > 0;
}

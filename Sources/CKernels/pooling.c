#include "CKernels.h"
#include "vector.h"

// Calls for every place of the window and every tap inside the image, in row-major order.
#define FOR_EACH_TAP                                                                         \
  for (ptrdiff_t oy = 0; oy < w->out_height; oy++)                                           \
    for (ptrdiff_t ox = 0; ox < w->out_width; ox++)                                          \
      for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++)                                    \
        for (ptrdiff_t kx = 0; kx < w->kernel_width; kx++)

#define TAP_PLACES                                                                           \
  ptrdiff_t C = w->channels;                                                                 \
  ptrdiff_t iy = oy * w->stride - w->pad_top + ky * w->dilation;                             \
  ptrdiff_t ix = ox * w->stride - w->pad_left + kx * w->dilation;                            \
  if (iy < 0 || iy >= w->height || ix < 0 || ix >= w->width) continue;                       \
  ptrdiff_t in = (iy * w->width + ix) * C, out = (oy * w->out_width + ox) * C;

VECTOR void ck_max_pool(float *restrict y, float *restrict tap, const float *restrict x,
                        const ck_geometry *w) {
  for (ptrdiff_t i = 0; i < w->out_height * w->out_width * w->channels; i++) y[i] = -INFINITY;
  FOR_EACH_TAP {
    TAP_PLACES
    float number = (float)(ky * w->kernel_width + kx);
    for (ptrdiff_t c = 0; c < C; c++) {
      float value = x[in + c];
      int larger = value > y[out + c] || value != value;
      y[out + c] = larger ? value : y[out + c];
      tap[out + c] = larger ? number : tap[out + c];
    }
  }
}

VECTOR void ck_max_pool_backward(float *restrict dx, const float *restrict dy,
                                 const float *restrict tap, const ck_geometry *w) {
  FOR_EACH_TAP {
    TAP_PLACES
    float number = (float)(ky * w->kernel_width + kx);
    for (ptrdiff_t c = 0; c < C; c++) dx[in + c] += tap[out + c] == number ? dy[out + c] : 0;
  }
}

VECTOR void ck_average_pool(float *restrict y, const float *restrict x, const ck_geometry *w) {
  float share = 1.0f / (float)(w->kernel_height * w->kernel_width);
  for (ptrdiff_t i = 0; i < w->out_height * w->out_width * w->channels; i++) y[i] = 0;
  FOR_EACH_TAP {
    TAP_PLACES
    for (ptrdiff_t c = 0; c < C; c++) y[out + c] += share * x[in + c];
  }
}

VECTOR void ck_average_pool_backward(float *restrict dx, const float *restrict dy,
                                     const ck_geometry *w) {
  float share = 1.0f / (float)(w->kernel_height * w->kernel_width);
  FOR_EACH_TAP {
    TAP_PLACES
    for (ptrdiff_t c = 0; c < C; c++) dx[in + c] += share * dy[out + c];
  }
}

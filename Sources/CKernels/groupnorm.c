#include "CKernels.h"
#include "vector.h"

// The mean of the group's channel sums, and 1/√(variance + ε), for every group; `channel_mean` is
// the group's mean repeated for each of its channels.
INLINE void statistics(const float *restrict x, float *mean, float *scale, float *channel_mean,
                       const ck_group_norm_shape *s) {
  ptrdiff_t C = s->channels, width = C / s->groups;
  float sums[C];
  for (ptrdiff_t c = 0; c < C; c++) sums[c] = 0;
  for (ptrdiff_t p = 0; p < s->positions; p++)
    for (ptrdiff_t c = 0; c < C; c++) sums[c] += x[p * C + c];
  double count = (double)(s->positions * width);
  for (ptrdiff_t g = 0; g < s->groups; g++) {
    double sum = 0;
    for (ptrdiff_t c = g * width; c < (g + 1) * width; c++) sum += sums[c];
    mean[g] = (float)(sum / count);
    for (ptrdiff_t c = g * width; c < (g + 1) * width; c++) channel_mean[c] = mean[g];
  }
  // A second pass over numbers that are in the cache keeps the variance exact where the mean is
  // large.
  for (ptrdiff_t c = 0; c < C; c++) sums[c] = 0;
  for (ptrdiff_t p = 0; p < s->positions; p++)
    for (ptrdiff_t c = 0; c < C; c++) {
      float d = x[p * C + c] - channel_mean[c];
      sums[c] += d * d;
    }
  for (ptrdiff_t g = 0; g < s->groups; g++) {
    double sum = 0;
    for (ptrdiff_t c = g * width; c < (g + 1) * width; c++) sum += sums[c];
    scale[g] = (float)(1.0 / sqrt(sum / count + s->epsilon));
  }
}

// The normalisation of channel c as one multiplication and one addition: x·a[c] + b[c].
INLINE void affine(float *a, float *b, const float *gamma, const float *beta, const float *mean,
                   const float *scale, const ck_group_norm_shape *s) {
  ptrdiff_t width = s->channels / s->groups;
  for (ptrdiff_t c = 0; c < s->channels; c++) {
    a[c] = gamma[c] * scale[c / width];
    b[c] = beta[c] - mean[c / width] * a[c];
  }
}

VECTOR void ck_group_norm(float *restrict y, const float *restrict x, const float *gamma,
                          const float *beta, float *mean, float *scale,
                          const ck_group_norm_shape *s) {
  ptrdiff_t C = s->channels;
  float a[C], b[C];
  statistics(x, mean, scale, a, s);
  affine(a, b, gamma, beta, mean, scale, s);
  if (s->silu) {
    for (ptrdiff_t p = 0; p < s->positions; p++)
      for (ptrdiff_t c = 0; c < C; c++) {
        float z = x[p * C + c] * a[c] + b[c];
        y[p * C + c] = z * vector_sigmoid(z);
      }
  } else {
    for (ptrdiff_t p = 0; p < s->positions; p++)
      for (ptrdiff_t c = 0; c < C; c++) y[p * C + c] = x[p * C + c] * a[c] + b[c];
  }
}

// dx = dz·a − (x − m)·k − h, where dx holds dz on entry; plus another gradient if there is one.
//
// `adds` is a compile-time constant: testing `plus` in the loop becomes masked loads, and a masked load from NULL takes
// hundreds of cycles.
INLINE void finish_backward(float *restrict dx, const float *restrict x, const float *restrict plus,
                            const float *a, const float *m, const float *k, const float *h,
                            ptrdiff_t positions, ptrdiff_t C, const int adds) {
  for (ptrdiff_t p = 0; p < positions; p++)
    for (ptrdiff_t c = 0; c < C; c++) {
      float d = dx[p * C + c] * a[c] - (x[p * C + c] - m[c]) * k[c] - h[c];
      dx[p * C + c] = adds ? d + plus[p * C + c] : d;
    }
}

VECTOR void ck_group_norm_backward(float *restrict dx, float *restrict dgamma,
                                   float *restrict dbeta, const float *restrict dy,
                                   const float *restrict x, const float *gamma, const float *beta,
                                   const float *mean, const float *scale, const float *plus,
                                   const ck_group_norm_shape *s) {
  ptrdiff_t C = s->channels, width = C / s->groups;
  float a[C], b[C], m[C], r[C];
  affine(a, b, gamma, beta, mean, scale, s);
  for (ptrdiff_t c = 0; c < C; c++) {
    m[c] = mean[c / width];
    r[c] = scale[c / width];
    dgamma[c] = dbeta[c] = 0;
  }
  // dz, the gradient before the activation, waits in dx; Σ dz and Σ dz·x̂ for every channel.
  for (ptrdiff_t p = 0; p < s->positions; p++)
    for (ptrdiff_t c = 0; c < C; c++) {
      float dz = dy[p * C + c];
      if (s->silu) {
        float z = x[p * C + c] * a[c] + b[c], g = vector_sigmoid(z);
        dz *= g * (1.0f + z * (1.0f - g));
      }
      dx[p * C + c] = dz;
      dbeta[c] += dz;
      dgamma[c] += dz * (x[p * C + c] - m[c]) * r[c];
    }
  // dx = scale·(gamma·dz − mean(gamma·dz) − x̂·mean(gamma·dz·x̂)), the means over the group.
  float k[C], h[C];
  float count = (float)(s->positions * width);
  for (ptrdiff_t g = 0; g < s->groups; g++) {
    double plain = 0, slope = 0;
    for (ptrdiff_t c = g * width; c < (g + 1) * width; c++) {
      plain += (double)gamma[c] * dbeta[c];
      slope += (double)gamma[c] * dgamma[c];
    }
    for (ptrdiff_t c = g * width; c < (g + 1) * width; c++) {
      h[c] = r[c] * (float)plain / count;
      k[c] = r[c] * r[c] * (float)slope / count;
    }
  }
  if (plus) finish_backward(dx, x, plus, a, m, k, h, s->positions, C, 1);
  else finish_backward(dx, x, plus, a, m, k, h, s->positions, C, 0);
}

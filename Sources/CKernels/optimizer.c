#include "CKernels.h"
#include "vector.h"

VECTOR void ck_adam(float *restrict weights, float *restrict average, float *restrict m,
                    float *restrict v, float *restrict gradients, const ck_adam_step *step,
                    ptrdiff_t n) {
  const ck_adam_step s = *step;
  float shrink = s.decoupled ? 1.0f - s.learning_rate * s.decay : 1.0f;
  float added = s.decoupled ? 0.0f : s.decay;
  float rate = s.learning_rate / s.correction1;
  for (ptrdiff_t i = 0; i < n; i++) {
    float w = weights[i];
    float g = gradients[i] * s.gradient_scale + added * w;
    m[i] += s.rest1 * (g - m[i]);
    v[i] = s.beta2 * v[i] + s.rest2 * g * g;
    w = w * shrink - rate * m[i] / (vector_sqrt(v[i]) / s.correction2_root + s.epsilon);
    weights[i] = w;
    average[i] += s.average_weight * (w - average[i]);
    gradients[i] = s.clears ? 0.0f : gradients[i];
  }
}

#pragma once
#include <math.h>
#include <stddef.h>
#include <string.h>

// One loop, compiled for each of these processors; the loader picks (GNU ifunc).
#if defined(__x86_64__) && defined(__linux__)
#define VECTOR \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define VECTOR
#endif

#define INLINE static inline __attribute__((always_inline))

// A square root that never sets errno: with sqrtf, which may, the loop would not be vectorised.
#if defined(__clang__)
#define vector_sqrt(x) __builtin_elementwise_sqrt(x)
#else
#define vector_sqrt(x) sqrtf(x)
#endif

// exp to about 1 ulp: x = n·ln 2 + r, |r| ≤ ½ ln 2, Taylor series of degree 7 (remainder below
// 5e-9 relative). Branch-free, so that loops over it become vector code.
INLINE float vector_exp(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  // Adding and taking away 1.5·2^23 rounds to the nearest whole number.
  float n = (x * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int bits = ((int)n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

INLINE float vector_sigmoid(float x) { return 1.0f / (1.0f + vector_exp(-x)); }

#include "CKernels.h"

// Direct convolution for processors with AVX-512: a block of output positions × 32 channels stays
// in registers while the sum over a patch runs. Faster than gathering patches for a matrix product
// where channels are few, and nothing is gathered.

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

// L lines × P positions × V vectors of 16 channels; all three are constants wherever it is inlined,
// so that the accumulators become registers.
AVX512 INLINE void block(float *y, const float *x, const float *w, const float *bias,
                         const float *plus, const ck_convolution *c, const int L, const int P,
                         const int V) {
  const ptrdiff_t run = c->kernel * c->input;
  __m512 sum[2][14][2];
  UNROLLED for (int v = 0; v < V; v++) {
    __m512 start = bias ? _mm512_loadu_ps(bias + 16 * v) : _mm512_setzero_ps();
    UNROLLED for (int l = 0; l < L; l++)
      UNROLLED for (int p = 0; p < P; p++) sum[l][p][v] = start;
  }
  // One pointer for three neighbours, which processors can address from it without arithmetic.
  const ptrdiff_t step = c->input;
  for (ptrdiff_t ky = 0; ky < c->kernel; ky++, x += c->line) {
    const float *base[2][5];
    UNROLLED for (int l = 0; l < L; l++)
      UNROLLED for (int g = 0; 3 * g < P; g++) base[l][g] = x + l * c->line + 3 * g * step;
    for (ptrdiff_t j = 0; j < run; j++, w += c->output) {
      __m512 weight[2];
      UNROLLED for (int v = 0; v < V; v++) weight[v] = _mm512_loadu_ps(w + 16 * v);
      UNROLLED for (int l = 0; l < L; l++)
        UNROLLED for (int p = 0; p < P; p++) {
          __m512 value = _mm512_set1_ps(base[l][p / 3][p % 3 * step]);
          UNROLLED for (int v = 0; v < V; v++)
            sum[l][p][v] = _mm512_fmadd_ps(value, weight[v], sum[l][p][v]);
        }
      UNROLLED for (int l = 0; l < L; l++)
        UNROLLED for (int g = 0; 3 * g < P; g++) base[l][g]++;
    }
  }
  UNROLLED for (int l = 0; l < L; l++)
    UNROLLED for (int p = 0; p < P; p++)
      UNROLLED for (int v = 0; v < V; v++) {
        ptrdiff_t at = (l * c->width + p) * c->output + 16 * v;
        __m512 value = sum[l][p][v];
        _mm512_storeu_ps(y + at, plus ? _mm512_add_ps(value, _mm512_loadu_ps(plus + at)) : value);
      }
}

// All positions of L lines, for V vectors of channels.
AVX512 INLINE void across(float *y, const float *x, const float *w, const float *bias,
                          const float *plus, const ck_convolution *c, const int L, const int V) {
  ptrdiff_t p = 0;
#define STEP(P)                                                                     \
  for (; p + P <= c->width; p += P)                                                 \
    block(y + p * c->output, x + p * c->input, w, bias, plus ? plus + p * c->output : 0, c, L, P, V);
  if (L == 1) { STEP(14) }
  STEP(7) STEP(4) STEP(2) STEP(1)
#undef STEP
}

// Two short lines together fill the registers as one long line does.
AVX512 INLINE void down(float *y, const float *x, const float *w, const float *bias,
                        const float *plus, ptrdiff_t lines, const ck_convolution *c, const int V) {
  ptrdiff_t l = 0, line = c->width * c->output;
  if (c->width < 14)
    for (; l + 2 <= lines; l += 2)
      across(y + l * line, x + l * c->line, w, bias, plus ? plus + l * line : 0, c, 2, V);
  for (; l < lines; l++)
    across(y + l * line, x + l * c->line, w, bias, plus ? plus + l * line : 0, c, 1, V);
}

AVX512 void ck_convolve(float *y, const float *x, const float *w, const float *bias,
                        const float *plus, ptrdiff_t lines, const ck_convolution *c) {
  ptrdiff_t o = 0;
  for (; o + 32 <= c->output; o += 32)
    down(y + o, x, w + o, bias ? bias + o : 0, plus ? plus + o : 0, lines, c, 2);
  for (; o < c->output; o += 16)
    down(y + o, x, w + o, bias ? bias + o : 0, plus ? plus + o : 0, lines, c, 1);
}

// R rows of the weight gradient × V vectors of output channels, summed over all positions.
AVX512 INLINE void gradient_block(float *dw, const float *x, const float *dy, ptrdiff_t lines,
                                  const ck_convolution *c, const int R, const int V) {
  __m512 sum[12][2];
  UNROLLED for (int r = 0; r < R; r++)
    UNROLLED for (int v = 0; v < V; v++) sum[r][v] = _mm512_loadu_ps(dw + r * c->output + 16 * v);
  for (ptrdiff_t l = 0; l < lines; l++, x += c->line) {
    const float *value = x;
    for (ptrdiff_t p = 0; p < c->width; p++, value += c->input, dy += c->output) {
      __m512 gradient[2];
      UNROLLED for (int v = 0; v < V; v++) gradient[v] = _mm512_loadu_ps(dy + 16 * v);
      UNROLLED for (int r = 0; r < R; r++) {
        __m512 factor = _mm512_set1_ps(value[r]);
        UNROLLED for (int v = 0; v < V; v++) sum[r][v] = _mm512_fmadd_ps(factor, gradient[v], sum[r][v]);
      }
    }
  }
  UNROLLED for (int r = 0; r < R; r++)
    UNROLLED for (int v = 0; v < V; v++) _mm512_storeu_ps(dw + r * c->output + 16 * v, sum[r][v]);
}

AVX512 INLINE void gradient_rows(float *dw, const float *x, const float *dy, ptrdiff_t lines,
                                 ptrdiff_t row, ptrdiff_t row_end, const ck_convolution *c,
                                 const int V) {
  const ptrdiff_t run = c->kernel * c->input;
  while (row < row_end) {
    // A block of rows stays within one line of the kernel, where they are neighbours.
    const float *start = x + row / run * c->line + row % run;
    ptrdiff_t left = run - row % run;
    left = left < row_end - row ? left : row_end - row;
    float *target = dw + row * c->output;
    if (left >= 12) {
      gradient_block(target, start, dy, lines, c, 12, V);
      row += 12;
    } else if (left >= 4) {
      gradient_block(target, start, dy, lines, c, 4, V);
      row += 4;
    } else {
      gradient_block(target, start, dy, lines, c, 1, V);
      row += 1;
    }
  }
}

AVX512 void ck_convolve_gradient(float *dw, const float *x, const float *dy, ptrdiff_t lines,
                                 ptrdiff_t row, ptrdiff_t row_end, const ck_convolution *c) {
  ptrdiff_t channel = 0;
  for (; channel + 32 <= c->output; channel += 32)
    gradient_rows(dw + channel, x, dy + channel, lines, row, row_end, c, 2);
  for (; channel < c->output; channel += 16)
    gradient_rows(dw + channel, x, dy + channel, lines, row, row_end, c, 1);
}

#else

void ck_convolve(float *y, const float *x, const float *w, const float *bias, const float *plus,
                 ptrdiff_t lines, const ck_convolution *c) {
  __builtin_trap();  // callers ask ck_has_avx512 first
}

void ck_convolve_gradient(float *dw, const float *x, const float *dy, ptrdiff_t lines,
                          ptrdiff_t row, ptrdiff_t row_end, const ck_convolution *c) {
  __builtin_trap();
}

#endif

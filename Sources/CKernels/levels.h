// Compiles the file BODY for each level of processors: W floats in a vector, ROWS rows in a block of
// sums that fills the registers. Functions that differ by level are named LEVEL(name), and DISPATCH
// calls them.
//
// Where `target_clones` (vector.h) compiles one loop several times, this compiles blocks of another
// size for each level, and a test can run them all.
#include "CKernels.h"
#include "vector.h"

#define UNROLLED _Pragma("clang loop unroll(full)")

#if defined(__x86_64__)
#define W 16
#define ROWS 8
#define LEVEL(name) name##_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "blocks.h"
#include BODY
#pragma clang attribute pop
#undef W
#undef ROWS
#undef LEVEL

#define W 8
#define ROWS 6
#define LEVEL(name) name##_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "blocks.h"
#include BODY
#pragma clang attribute pop
#undef W
#undef ROWS
#undef LEVEL
#endif

// Any processor: 128-bit vectors, of which x86-64 has 16 and Arm 32.
#define W 4
#if defined(__x86_64__)
#define ROWS 3
#else
#define ROWS 6
#endif
#define LEVEL(name) name##_v1
#include "blocks.h"
#include BODY
#undef W
#undef ROWS
#undef LEVEL

// Calls a function of the level asked for, or the processor's own if that is lower.
#if defined(__x86_64__)
#define DISPATCH(level, name, ...)                    \
  switch (ck_level(level)) {                          \
    case 4: name##_v4(__VA_ARGS__); break;            \
    case 3: name##_v3(__VA_ARGS__); break;            \
    default: name##_v1(__VA_ARGS__);                  \
  }
#else
#define DISPATCH(level, name, ...) name##_v1(__VA_ARGS__)
#endif

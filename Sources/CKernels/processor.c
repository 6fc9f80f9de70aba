#define _GNU_SOURCE
#include "CKernels.h"
#include <unistd.h>
#include <sched.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

int ck_processors(void) {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

void ck_yield(void) { sched_yield(); }

void ck_return_large_blocks(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  // Setting M_MMAP_THRESHOLD turns off glibc's dynamic thresholds and leaves the trim threshold at 128 KiB; 8 MiB keeps
  // small blocks in the heap, as the dynamic threshold would.
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}

int ck_has_avx512(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
  return 0;
#endif
}

int ck_level(int wanted) {
#if defined(__x86_64__)
  static int own;  // every thread finds the same
  int best = __atomic_load_n(&own, __ATOMIC_RELAXED);
  if (best == 0) {
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("bmi2");
    best = ck_has_avx512() && __builtin_cpu_supports("avx512cd") ? 4 : has_avx2 ? 3 : 1;
    __atomic_store_n(&own, best, __ATOMIC_RELAXED);
  }
  return wanted == 0 || wanted > best ? best : wanted;
#else
  return 1;
#endif
}

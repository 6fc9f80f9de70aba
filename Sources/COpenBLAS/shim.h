#pragma once
#include <dlfcn.h>
#include <stddef.h>
#if __has_include(<openblas/cblas.h>)
#include <openblas/cblas.h>
#else
#include <cblas.h>
#endif

// LAPACK is in OpenBLAS, its C header need not be installed. Eigenvalues `w` in rising order and, for
// jobz 'V', eigenvectors in `a`, of a symmetric matrix; the last two are the lengths of Fortran's strings.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info,
             size_t jobz_length, size_t uplo_length);

/// The functions of OpenBLAS that are used.
struct openblas_calls {
  __typeof__(cblas_sgemm) *sgemm;
  __typeof__(cblas_dgemm) *dgemm;
  __typeof__(dsyevd_) *dsyevd;
  __typeof__(openblas_set_num_threads) *set_num_threads;
  __typeof__(openblas_get_corename) *get_corename;
};

/// Finds the functions; returns the reason why one cannot be had, or null.
///
/// On Linux the library is loaded with the first product: it is large and starts threads, which the
/// first screen would wait for.
static inline const char *openblas_calls_load(struct openblas_calls *calls) {
#if defined(__linux__)
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define OPENBLAS_FIND(member, name) \
  if (!(calls->member = (__typeof__(calls->member))dlsym(library, #name))) return dlerror();
#else
#define OPENBLAS_FIND(member, name) calls->member = name;
#endif
  OPENBLAS_FIND(sgemm, cblas_sgemm)
  OPENBLAS_FIND(dgemm, cblas_dgemm)
  OPENBLAS_FIND(dsyevd, dsyevd_)
  OPENBLAS_FIND(set_num_threads, openblas_set_num_threads)
  OPENBLAS_FIND(get_corename, openblas_get_corename)
#undef OPENBLAS_FIND
  return 0;
}

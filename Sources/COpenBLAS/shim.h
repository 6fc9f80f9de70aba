#pragma once
#include <cblas.h>
#include <stddef.h>

// LAPACK is in OpenBLAS, its C header need not be installed. Eigenvalues `w` in rising order and, for
// jobz 'V', eigenvectors in `a`, of a symmetric matrix; the last two are the lengths of Fortran's strings.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info,
             size_t jobz_length, size_t uplo_length);

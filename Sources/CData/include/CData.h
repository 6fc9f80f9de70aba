#pragma once
#include <stddef.h>

// The embedded data sets, gzip-compressed: idx files, and CIFAR-10 records of emoji (credits: NOTICE).
// Functions rather than globals: Swift 6 does not import mutable C globals.
const unsigned char *cdata_mnist14_images(size_t *count);
const unsigned char *cdata_mnist28_images(size_t *count);
const unsigned char *cdata_mnist_labels(size_t *count);
const unsigned char *cdata_fashion14_images(size_t *count);
const unsigned char *cdata_fashion_labels(size_t *count);
const unsigned char *cdata_emoji16_records(size_t *count);

// English words, one a line, gzip-compressed (credits: NOTICE).
const unsigned char *cdata_words(size_t *count);
// A tar archive of WAV files: drums at 8 kHz.
const unsigned char *cdata_drums_archive(size_t *count);

// The outlines of the letters in figures, as text; scripts/make-letters says how it is written.
const unsigned char *cdata_letters(size_t *count);

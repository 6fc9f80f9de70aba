#include "CData.h"

// #embed is C23; clang knows it in every mode and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char mnist14_images[] = {
#embed "data/mnist5k-14x14-images-idx3-ubyte.gz"
};
static const unsigned char mnist28_images[] = {
#embed "data/mnist5k-images-idx3-ubyte.gz"
};
static const unsigned char mnist_labels[] = {
#embed "data/mnist5k-labels-idx1-ubyte.gz"
};
static const unsigned char fashion14_images[] = {
#embed "data/fashion5k-14x14-images-idx3-ubyte.gz"
};
static const unsigned char fashion_labels[] = {
#embed "data/fashion5k-labels-idx1-ubyte.gz"
};
static const unsigned char emoji16_records[] = {
#embed "data/noto-emoji-16.bin.gz"
};
static const unsigned char words[] = {
#embed "data/words-en.txt.gz"
};
static const unsigned char drums_archive[] = {
#embed "data/sonic-pi-cc0-oneshots-8k.tar.gz"
};
static const unsigned char letters[] = {
#embed "data/letters.txt"
};

#define BLOB(name)                                              \
  const unsigned char *cdata_##name(size_t *count) {            \
    *count = sizeof(name);                                      \
    return name;                                                \
  }

BLOB(mnist14_images)
BLOB(mnist28_images)
BLOB(mnist_labels)
BLOB(fashion14_images)
BLOB(fashion_labels)
BLOB(emoji16_records)
BLOB(words)
BLOB(drums_archive)
BLOB(letters)

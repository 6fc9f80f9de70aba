#pragma once
#include <dlfcn.h>
#include <samplerate.h>
#include <sndfile.h>

#if defined(__linux__)
#define SNDFILE_FILE "libsndfile.so.1"
#define SAMPLERATE_FILE "libsamplerate.so.0"
#else
#define SNDFILE_FILE "libsndfile.dylib"
#define SAMPLERATE_FILE "libsamplerate.dylib"
#endif

// Both are loaded when the first sound is read: the ten codecs that come with libsndfile take
// milliseconds, which the screens and all other commands would wait for.

#define SOUND_CALLS(CALL) \
  CALL(sf_open_virtual) CALL(sf_close) CALL(sf_error) CALL(sf_error_number) CALL(sf_readf_float) \
  CALL(sf_writef_float) CALL(sf_strerror)

#define RATE_CALLS(CALL) CALL(src_simple) CALL(src_strerror)

#define SOUND_POINTER(name) __typeof__(name) *name;

/// The functions of libsndfile that are used, by their names.
struct sound_calls {
  SOUND_CALLS(SOUND_POINTER)
};

/// The functions of libsamplerate that are used, by their names.
struct rate_calls {
  RATE_CALLS(SOUND_POINTER)
};

#undef SOUND_POINTER
#define SOUND_FIND(name) \
  if (!(calls->name = (__typeof__(calls->name))dlsym(library, #name))) return dlerror();

/// Finds the functions; returns the reason why one cannot be had, or null.
static inline const char *sound_calls_load(struct sound_calls *calls) {
  void *library = dlopen(SNDFILE_FILE, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  SOUND_CALLS(SOUND_FIND)
  return 0;
}

/// Finds the functions; returns the reason why one cannot be had, or null.
static inline const char *rate_calls_load(struct rate_calls *calls) {
  void *library = dlopen(SAMPLERATE_FILE, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  RATE_CALLS(SOUND_FIND)
  return 0;
}

#undef SOUND_FIND

#pragma once
#include <dlfcn.h>
#include <zip.h>

// libzip is loaded when the first zip file is read: the libraries for compression and encryption that
// come with it take more than a millisecond, which the first screen would wait for.

#define ZIP_CALLS(CALL) \
  CALL(discard) CALL(error_code_zip) CALL(error_fini) CALL(error_init_with_code) \
  CALL(error_strerror) CALL(fclose) CALL(fdopen) CALL(file_get_error) CALL(fopen_index) CALL(fread) \
  CALL(fseek) CALL(get_error) CALL(get_num_entries) CALL(stat_index)

#define ZIP_POINTER(name) __typeof__(zip_##name) *name;

/// The functions of libzip that are used, by their names without the prefix.
struct zip_calls {
  ZIP_CALLS(ZIP_POINTER)
};

#undef ZIP_POINTER

/// Finds the functions; returns the reason why one cannot be had, or null.
static inline const char *zip_calls_load(struct zip_calls *calls) {
#if defined(__linux__)
  void *library = dlopen("libzip.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libzip.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define ZIP_FIND(name) \
  if (!(calls->name = (__typeof__(calls->name))dlsym(library, "zip_" #name))) return dlerror();
#else
#define ZIP_FIND(name) calls->name = zip_##name;
#endif
  ZIP_CALLS(ZIP_FIND)
#undef ZIP_FIND
  return 0;
}

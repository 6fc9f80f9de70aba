/// Lets blocks of 256 KB and more go back to the system as soon as they are freed.
///
/// With each one that is freed, glibc raises its limit for them, up to 32 MB; the buffers of networks and copies of
/// weights then leave holes in its heaps (measured: a quarter of the program's memory).
package func returnLargeBlocks() {
  #if canImport(Glibc)
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    // Smaller ones stay, as they do where glibc chooses the limits: by default it would have fixed this one, too.
    mallopt(M_TRIM_THRESHOLD, 8 << 20)
  #endif
}

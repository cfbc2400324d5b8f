#define _GNU_SOURCE
#include "CMonitor.h"

#include <stddef.h>
#include <sys/mman.h>

#include "../../../../Guests/Probes/kernels.h"

uint64_t c_native_kernel(int which, uint64_t amount) { return run_kernel(which, amount); }

// The new pages are taken before the old ones are given back.
static int move(void *memory, uint64_t size) {
  void *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  return fresh == MAP_FAILED || mremap(fresh, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, memory) == MAP_FAILED;
}

int c_native_move(void) {
  return move(kernel_memory, sizeof kernel_memory) || move(kernel_matrix, sizeof kernel_matrix);
}

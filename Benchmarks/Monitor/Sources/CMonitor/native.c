#include "../../../../Guests/Probes/kernels.h"

#include "CMonitor.h"

#include <sys/mman.h>

uint64_t c_native_kernel(int which, uint64_t amount) { return run_kernel(which, amount); }

int c_native_move(void) {
  return madvise(kernel_memory, sizeof kernel_memory, MADV_DONTNEED) ||
         madvise(kernel_matrix, sizeof kernel_matrix, MADV_DONTNEED);
}

// A monitor for freestanding guests in plain C, as small as it can be: no checks beyond those of the kernel, no deadline,
// no faults but "it failed". Times are CLOCK_MONOTONIC nanoseconds.
#ifndef C_MONITOR_H
#define C_MONITOR_H

#include <stdint.h>

// Opens /dev/kvm and keeps the program; 0 when all is well.
int c_monitor_open(const char *program, uint64_t memory);

// Nanoseconds from nothing to the first result, and of `calls` later calls each into `warm`; negative on failure.
int64_t c_monitor_first_result(int64_t *warm, int calls);

// Boots a machine to READY and keeps its memory for restoring; 0 when all is well.
int c_monitor_snapshot(void);

// Nanoseconds from nothing to the first result of a machine restored from it.
int64_t c_monitor_restore(void);

// The kernels of Guests/Probes/kernels.h, outside any guest.
uint64_t c_native_kernel(int which, uint64_t amount);

// Gives their memory other pages, all zeros; 0 when all is well.
int c_native_move(void);

#endif

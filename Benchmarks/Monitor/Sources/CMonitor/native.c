#include "../../../../Guests/Probes/kernels.h"

#include "CMonitor.h"

uint64_t c_native_kernel(int which, uint64_t amount) { return run_kernel(which, amount); }

#ifndef HISTOGRAM_H
#define HISTOGRAM_H
#include <stdint.h>

// The bucket of a value: 64 to an octave.
static inline int64_t histogram_slot(int64_t value) {
  if (value < 64) return value;
  int page = 58 - __builtin_clzll((uint64_t)value);
  return (int64_t)page * 64 + ((value >> (page - 1)) & 63);
}
#endif

// Keeps a processor busy with a fixed amount of work, as many units as the request says (1,000 unless it does). A unit is
// 20,000 dependent multiplications, about 30 microseconds at 2.5 GHz: what quota sweeps are made of.

#include "function.h"

size_t handle(const char *request, size_t length, char *result, size_t room) {
  uint64_t value = 1;
  for (uint64_t units = request_number(request, length, 1000); units > 0; units--)
    for (int i = 0; i < 20000; i++) {
      value = value * 6364136223846793005u + 1442695040888963407u;
      __asm__ volatile("" : "+r"(value));
    }
  struct answer answer = {result, room, 0};
  put_number(&answer, value);
  return answer.length;
}

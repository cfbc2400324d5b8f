// Works a little, waits for somebody else, works again: how most functions spend their time. The request says how many
// milliseconds it waits in all (20 unless it does), in four parts.

#include <time.h>

#include "function.h"

static uint64_t work(uint64_t value) {
  for (int i = 0; i < 200000; i++) value = value * 6364136223846793005u + 1442695040888963407u;
  return value;
}

size_t handle(const char *request, size_t length, char *result, size_t room) {
  uint64_t part = request_number(request, length, 20) * 1000000 / 4;
  uint64_t value = length + 1;
  for (int i = 0; i < 4; i++) {
    value = work(value);
    struct timespec time = {(time_t)(part / 1000000000), (long)(part % 1000000000)};
    while (nanosleep(&time, &time) != 0) continue;
  }
  struct answer answer = {result, room, 0};
  put_number(&answer, work(value));
  return answer.length;
}

// Follows a chain of pointers through 8 MiB in an order that no cache foresees; the request says how many steps (100,000
// unless it does): the time of memory itself.

#include "function.h"

enum { places = 1 << 20 };
static uint64_t next[places];
static int is_laid;

// One cycle through all places (Sattolo's shuffle).
static void lay(void) {
  uint64_t state = 42;
  for (uint64_t i = 0; i < places; i++) next[i] = i;
  for (uint64_t i = places - 1; i > 0; i--) {
    uint64_t other = next_number(&state) % i;
    uint64_t held = next[i];
    next[i] = next[other];
    next[other] = held;
  }
  is_laid = 1;
}

size_t handle(const char *request, size_t length, char *result, size_t room) {
  if (!is_laid) lay();
  uint64_t place = 0;
  for (uint64_t steps = request_number(request, length, 100000); steps > 0; steps--) place = next[place];
  struct answer answer = {result, room, 0};
  put_text(&answer, "at ");
  put_number(&answer, place);
  return answer.length;
}

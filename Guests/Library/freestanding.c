// A function without an operating system: its entry, and what the compiler takes for granted.

#include "faascast.h"
#include "function.h"

enum { room = 64 << 10 };
static char mailbox[room], result[room];

__attribute__((noreturn)) void _start(void) {
  faascast_mark(0);
  size_t length = faascast_ready(mailbox, sizeof mailbox);
  for (;;) length = faascast_result(result, handle(mailbox, length, result, sizeof result));
}

void *memcpy(void *target, const void *source, size_t count) {
  void *start = target;
  __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(count) : : "memory");
  return start;
}

void *memset(void *target, int byte, size_t count) {
  void *start = target;
  __asm__ volatile("rep stosb" : "+D"(target), "+c"(count) : "a"(byte) : "memory");
  return start;
}

void *memmove(void *target, const void *source, size_t count) {
  char *to = target;
  const char *from = source;
  if (to <= from || to >= from + count) return memcpy(target, source, count);
  while (count-- > 0) to[count] = from[count];
  return target;
}

int memcmp(const void *a, const void *b, size_t count) {
  const uint8_t *x = a, *y = b;
  for (size_t i = 0; i < count; i++)
    if (x[i] != y[i]) return x[i] - y[i];
  return 0;
}

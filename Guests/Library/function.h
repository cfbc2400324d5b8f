// What every sample function in C is: one handler, which knows nothing of where it runs.
//
// The same source becomes a freestanding guest (hypercalls only), a static program for Linux guests and a native program,
// so that the three can be compared.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Answers a request. Writes at most `room` bytes to `result` and gives how many it wrote.
size_t handle(const char *request, size_t length, char *result, size_t room);

/// The decimal number that a request begins with, or `otherwise` when there is none.
static inline uint64_t request_number(const char *request, size_t length, uint64_t otherwise) {
  uint64_t value = 0;
  size_t digits = 0;
  while (digits < length && digits < 18 && request[digits] >= '0' && request[digits] <= '9')
    value = value * 10 + (uint64_t)(request[digits++] - '0');
  return digits > 0 ? value : otherwise;
}

/// Text that grows in a buffer and stops at its end.
struct answer {
  char *text;
  size_t room;
  size_t length;
};

static inline void put_byte(struct answer *answer, char byte) {
  if (answer->length < answer->room) answer->text[answer->length++] = byte;
}

static inline void put_text(struct answer *answer, const char *text) {
  while (*text) put_byte(answer, *text++);
}

static inline void put_number(struct answer *answer, uint64_t number) {
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  while (count > 0) put_byte(answer, digits[--count]);
}

static inline void put_hex(struct answer *answer, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    put_byte(answer, "0123456789abcdef"[bytes[i] >> 4]);
    put_byte(answer, "0123456789abcdef"[bytes[i] & 15]);
  }
}

/// A generator for made-up input: the same numbers everywhere (Vigna's SplitMix64).
static inline uint64_t next_number(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Takes fresh memory from the kernel and touches every page of it; the request says how many MiB (16 unless it does): what
// first touches cost.

#include <sys/mman.h>

#include "function.h"

size_t handle(const char *request, size_t length, char *result, size_t room) {
  uint64_t size = request_number(request, length, 16) << 20;
  struct answer answer = {result, room, 0};
  uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    put_text(&answer, "no memory");
    return answer.length;
  }
  uint64_t sum = 0;
  for (uint64_t at = 0; at < size; at += 4096) {
    memory[at] = (uint8_t)(at >> 12);
    sum += memory[at];
  }
  munmap(memory, size);
  put_text(&answer, "touched ");
  put_number(&answer, size >> 12);
  put_text(&answer, " pages, sum ");
  put_number(&answer, sum);
  return answer.length;
}

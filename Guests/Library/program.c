// A function as a Linux program: in a machine, and natively.
//
// In a machine, reading descriptor 1000 gives the next request (the first read also says that the function is ready) and
// writing descriptor 1001 gives the result. Natively descriptor 1000 is not open, and
//
//     PROGRAM [CALLS] < request > result
//
// answers the request CALLS times and says on standard error how many nanoseconds each call took.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "function.h"

enum { requests = 1000, results = 1001 };

static char request[1 << 20];
static char result[1 << 20];

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written <= 0) return 1;
    bytes += written;
    count -= (size_t)written;
  }
  return 0;
}

static int run_natively(long calls) {
  size_t length = 0;
  for (ssize_t count; length < sizeof request; length += (size_t)count) {
    count = read(0, request + length, sizeof request - length);
    if (count < 0) return 1;
    if (count == 0) break;
  }
  size_t answered = 0;
  for (long call = 0; call < calls; call++) {
    uint64_t start = now();
    answered = handle(request, length, result, sizeof result);
    fprintf(stderr, "%llu\n", (unsigned long long)(now() - start));
  }
  return write_all(1, result, answered);
}

int main(int count, char **arguments) {
  ssize_t length = read(requests, request, sizeof request);
  if (length < 0) {
    long calls = count > 1 ? strtol(arguments[1], NULL, 10) : 1;
    return run_natively(calls > 0 ? calls : 1);
  }
  while (length >= 0) {
    size_t answered = handle(request, (size_t)length, result, sizeof result);
    if (write_all(results, result, answered) != 0) return 1;
    length = read(requests, request, sizeof request);
  }
  return 0;
}

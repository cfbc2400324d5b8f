// A static Linux program that does what its request's first byte says: what the tests of Linux guests ask for.
// Requests come by read(1000), results go by write(1001).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char box[65536];
static char result[65536];

static int answer(long value) { return snprintf(result, sizeof result, "%ld", value); }

static int failing(long value) { return value < 0 ? answer(-errno) : answer(value); }

static int slurp(const char *path) {
  int file = open(path, O_RDONLY);
  if (file < 0) return answer(-errno);
  long count = read(file, result, sizeof result);
  close(file);
  return count < 0 ? answer(-errno) : (int)count;
}

// Maps, writes, narrows, unmaps and maps again: what it reads must be what memory of its own would hold.
static int memory(void) {
  const long page = 4096;
  char *block = mmap(NULL, 64 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return answer(1);
  for (int i = 0; i < 64; i++) block[i * page] = (char)(i + 1);
  if (mprotect(block, 64 * page, PROT_READ)) return answer(2);
  for (int i = 0; i < 64; i++) if (block[i * page] != (char)(i + 1)) return answer(3);
  if (mprotect(block, 64 * page, PROT_READ | PROT_WRITE)) return answer(4);
  block[0] = 9;
  if (munmap(block + 16 * page, 16 * page)) return answer(5);
  char *again = mmap(block + 16 * page, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (again != block + 16 * page) return answer(6);
  for (int i = 0; i < 16 * page; i++) if (again[i]) return answer(7);
  block = mremap(block, 16 * page, 256 * page, MREMAP_MAYMOVE);
  if (block == MAP_FAILED) return answer(8);
  if (block[0] != 9) return answer(9);
  for (int i = 1; i < 16; i++) if (block[i * page] != (char)(i + 1)) return answer(10);
  for (int i = 16 * page; i < 256 * page; i++) if (block[i]) return answer(11);
  if (madvise(block, 8 * page, MADV_DONTNEED)) return answer(12);
  for (int i = 0; i < 8 * page; i++) if (block[i]) return answer(13);
  if (block[8 * page] != 9) return answer(14);
  void *heap = sbrk(0);
  if (sbrk(100 * page) != heap) return answer(15);
  memset(heap, 5, 100 * page);
  if (sbrk(-100 * page) == (void *)-1) return answer(16);
  if (sbrk(100 * page) != heap) return answer(17);
  for (int i = 0; i < 100 * page; i++) if (((char *)heap)[i]) return answer(18);
  return answer(0);
}

static void *idle(void *nothing) { return nothing; }

static int overflow(int depth) {
  volatile char local[4096];
  local[0] = (char)depth;
  return overflow(depth + 1) + local[0];
}

static int handle(long length) {
  const char *text = box + 1;
  box[length] = 0;
  switch (box[0]) {
    case 'e': memcpy(result, box, length); return (int)length;
    case 'f': return slurp(text);
    case 's': { struct stat status; return failing(stat(text, &status) ? -1 : status.st_size); }
    case 'W': return failing(open(text, O_WRONLY | O_CREAT, 0600));
    case 'm': return memory();
    case 'M': { char *p; long n = 0; while ((p = malloc(1 << 20))) { memset(p, 1, 1 << 20); n++; } abort(); return answer(n); }
    case 'P': {  // a protection that was taken away
      char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      p[0] = 1; mprotect(p, 4096, PROT_READ); p[0] = 2; return answer(p[0]);
    }
    case 'U': {  // a mapping that was taken away
      char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      p[0] = 1; munmap(p, 4096); return answer(p[0]);
    }
    case 'X': {  // data that is run
      char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      p[0] = (char)0xc3; ((void (*)(void))p)(); return answer(0);
    }
    case 'n': return failing(socket(AF_INET, SOCK_STREAM, 0));
    case 'k': return failing(fork());
    case 'x': return failing(execl("/bin/sh", "sh", NULL));
    case 't': { pthread_t thread; return answer(pthread_create(&thread, NULL, idle, NULL)); }
    case 'z': { struct timespec t = {0, 20000000}; return failing(nanosleep(&t, NULL)); }
    case 'c': { struct timespec a, b; clock_gettime(CLOCK_MONOTONIC, &a); clock_gettime(CLOCK_MONOTONIC, &b);
      return answer((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec); }
    case 'r': { struct timespec a; clock_gettime(CLOCK_REALTIME, &a); return answer(a.tv_sec * 1000L + a.tv_nsec / 1000000); }
    case 'o': fputs(text, stdout); fflush(stdout); return answer(0);
    case 'a': abort();
    case 'q': exit(atoi(text));
    case 'S': return overflow(0);
    case 'l': for (;;) __asm__ volatile("");
    case 'L': for (;;) pause();
    case 'd': return answer(1000000 / atoi(text));
    case 'F': { double x = atof(text); for (int i = 0; i < 10; i++) x = x * 1.5 + 0.25; return snprintf(result, sizeof result, "%.17g", x); }
    case 'N': return failing(syscall(321, 0, 0, 0));  // bpf
    case 'O': return failing(syscall(100000));
    case 'C': return failing(syscall(strtol(text, NULL, 10), 0, 0, 0));
    case 'B': {  // where the heap ends, after it grew and shrank
      char *end = sbrk(8192), *grown = (char *)syscall(SYS_brk, 0);
      sbrk(-8192);
      return answer((grown - end) * 10 + ((char *)syscall(SYS_brk, 0) == end));
    }
    case 'Y': {  // a call a hundred times, with what should survive it in registers
      long sum = 0;
      for (long i = 0; i < 100; i++) sum += i * syscall(SYS_getuid);
      return answer(sum);
    }
  }
  return answer(-1);
}

int main(int count, char **arguments) {
  if (count > 1 && !strcmp(arguments[1], "hello")) {
    printf("hello, %s\n", count > 2 ? arguments[2] : "world");
    return 3;
  }
  for (;;) {
    long length = read(1000, box, sizeof box - 1);
    if (length < 0) return 1;
    write(1001, result, (size_t)handle(length));
  }
}

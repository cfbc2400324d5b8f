// The first program of a whole Linux guest (QEMU): starts a function, calls it, and reports over the serial port.
//
// Lines that begin with FAASCAST are the report, one measurement each, times in nanoseconds of the guest's clock:
//     FAASCAST init CLOCK          this program has begun, so long after the kernel's first tick
//     FAASCAST cold NS             from starting the function's process to its first result
//     FAASCAST warm NS             a further call
//     FAASCAST result BYTES HEX    the last result, its first 64 bytes
//     FAASCAST error TEXT
//     FAASCAST end
// The function is /function, its request /request; /plan holds how many cold starts and warm calls. Requests and results
// are packets, so that one read takes one request and one write gives one result.

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { requests = 1000, results = 1001, room = 128 << 10 };

static char request[room], result[room];
static size_t request_length;
static ssize_t result_length;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void end(const char *fault) {
  if (fault) printf("FAASCAST error %s: %s\n", fault, strerror(errno));
  printf("FAASCAST end\n");
  fflush(stdout);
  sync();
  reboot(LINUX_REBOOT_CMD_RESTART);
  _exit(1);
}

static size_t load(const char *path, char *bytes, size_t size) {
  int file = open(path, O_RDONLY);
  if (file < 0) end(path);
  ssize_t count = read(file, bytes, size);
  if (count < 0) end(path);
  close(file);
  return (size_t)count;
}

/// A running function and our ends of its two channels.
struct function {
  pid_t process;
  int requests;
  int results;
};

static struct function start(void) {
  int to[2], from[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, to) || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, from)) end("socketpair");
  pid_t process = fork();
  if (process < 0) end("fork");
  if (process == 0) {
    if (dup2(to[1], requests) < 0 || dup2(from[1], results) < 0) _exit(126);
    close(to[0]), close(to[1]), close(from[0]), close(from[1]);
    execl("/function", "/function", NULL);
    _exit(127);
  }
  close(to[1]), close(from[1]);
  return (struct function){process, to[0], from[0]};
}

static void call(struct function function) {
  if (send(function.requests, request, request_length, 0) < 0) end("request");
  result_length = recv(function.results, result, sizeof result, 0);
  if (result_length < 0) end("result");
  if (result_length == 0 && waitpid(function.process, NULL, WNOHANG) != 0) {
    errno = ECHILD;
    end("the function ended before it answered");
  }
}

static void stop(struct function function) {
  kill(function.process, 9);
  waitpid(function.process, NULL, 0);
  close(function.requests), close(function.results);
}

int main(void) {
  uint64_t begun = now();
  mkdir("/proc", 0755), mkdir("/sys", 0755), mkdir("/dev", 0755), mkdir("/tmp", 01777);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sysfs", "/sys", "sysfs", 0, NULL);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  int console = open("/dev/ttyS0", O_RDWR);
  if (console >= 0) dup2(console, 0), dup2(console, 1), dup2(console, 2);
  printf("\nFAASCAST init %llu\n", (unsigned long long)begun);
  fflush(stdout);

  char plan[64] = {0};
  load("/plan", plan, sizeof plan - 1);
  long cold = 0, warm = 0;
  if (sscanf(plan, "%ld %ld", &cold, &warm) != 2) end("plan");
  request_length = load("/request", request, sizeof request);

  struct function function = {0, 0, 0};
  for (long i = 0; i < cold; i++) {
    if (function.process) stop(function);
    uint64_t from = now();
    function = start();
    call(function);
    printf("FAASCAST cold %llu\n", (unsigned long long)(now() - from));
  }
  for (long i = 0; i < warm; i++) {
    uint64_t from = now();
    call(function);
    printf("FAASCAST warm %llu\n", (unsigned long long)(now() - from));
  }
  printf("FAASCAST result %zd ", result_length);
  for (ssize_t i = 0; i < result_length && i < 64; i++) printf("%02x", (unsigned char)result[i]);
  printf("\n");
  if (function.process) stop(function);
  end(NULL);
}

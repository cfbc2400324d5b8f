// The first process of the machine that Scripts/conformance boots: loads the kernel's KVM, runs the tests, ends the machine.
//
// The tests' arguments are the words of /arguments, one a line; the last line on the console is `conformance: status N`.
#include <dirent.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The modules in the order of their names, which is that of their dependence.
static void load_modules(const char *directory) {
  struct dirent **names;
  int count = scandir(directory, &names, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, names[i]->d_name);
    struct stat status;
    if (stat(path, &status) || !S_ISREG(status.st_mode)) continue;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (syscall(SYS_finit_module, file, "", 0)) perror(path);
    close(file);
  }
}

static void run(const char *path) {
  static char text[4096];
  char *words[64] = {"/tests"};
  int count = 1, file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, text, sizeof text - 1) < 0) perror(path);
  for (char *word = strtok(text, "\n"); word && count < 63; word = strtok(NULL, "\n")) words[count++] = word;
  execv(words[0], words);
  perror(words[0]);
  _exit(127);
}

int main(void) {
  mkdir("/proc", 0755), mkdir("/sys", 0755), mkdir("/dev", 0755), mkdir("/tmp", 01777);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sysfs", "/sys", "sysfs", 0, NULL);
  mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  int console = open("/dev/ttyS0", O_RDWR);
  if (console >= 0) dup2(console, 0), dup2(console, 1), dup2(console, 2);
  setenv("LD_LIBRARY_PATH", "/lib/x86_64-linux-gnu", 1);
  setenv("FAASCAST_TEST_GUESTS", "/guests", 1);
  setenv("HOME", "/tmp", 1), setenv("TMPDIR", "/tmp", 1), setenv("NO_COLOR", "1", 1);
  load_modules("/modules");
  pid_t tests = fork();
  if (tests == 0) run("/arguments");
  int status = 0;
  while (waitpid(tests, &status, 0) < 0) {}
  printf("conformance: status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  fflush(stdout);
  sync();
  reboot(LINUX_REBOOT_CMD_RESTART);
}

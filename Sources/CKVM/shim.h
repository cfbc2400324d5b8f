// What Swift cannot import of the kernel's interface: request numbers (function-like macros), variadic calls, and
// structures that end in flexible arrays. Every wrapper returns the call's result or -errno.
#ifndef FAASCAST_CKVM_SHIM_H
#define FAASCAST_CKVM_SHIM_H

#include <errno.h>
#include <linux/kvm.h>
#include <linux/memfd.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum kvm_request : unsigned long {
  kvm_get_api_version = KVM_GET_API_VERSION,
  kvm_create_vm = KVM_CREATE_VM,
  kvm_check_extension = KVM_CHECK_EXTENSION,
  kvm_get_vcpu_mmap_size = KVM_GET_VCPU_MMAP_SIZE,
  kvm_get_supported_cpuid = KVM_GET_SUPPORTED_CPUID,
  kvm_create_vcpu = KVM_CREATE_VCPU,
  kvm_set_user_memory_region = KVM_SET_USER_MEMORY_REGION,
  kvm_run_vcpu = KVM_RUN,
  kvm_get_sregs = KVM_GET_SREGS,
  kvm_set_cpuid2 = KVM_SET_CPUID2,
  kvm_set_xcrs = KVM_SET_XCRS,
  kvm_get_xsave = KVM_GET_XSAVE,
  kvm_set_xsave = KVM_SET_XSAVE,
  kvm_get_tsc_khz = KVM_GET_TSC_KHZ,
  kvm_get_stats_fd = KVM_GET_STATS_FD,
};

static inline long ckvm_ioctl(int descriptor, enum kvm_request request, unsigned long argument) {
  long result = ioctl(descriptor, request, argument);
  return result < 0 ? -errno : result;
}

static inline long ckvm_ioctl_pointer(int descriptor, enum kvm_request request, const void *argument) {
  return ckvm_ioctl(descriptor, request, (unsigned long)argument);
}

// The number of registers set, at most eight.
static inline long ckvm_set_msrs(int vcpu, const struct kvm_msr_entry *entries, unsigned count) {
  struct {
    struct kvm_msrs head;
    struct kvm_msr_entry entries[8];
  } all;
  memset(&all, 0, sizeof all);
  if (count > 8) return -EINVAL;
  all.head.nmsrs = count;
  memcpy(all.entries, entries, count * sizeof *entries);
  long result = ioctl(vcpu, KVM_SET_MSRS, &all);
  return result < 0 ? -errno : result;
}

static inline long ckvm_thread_id(void) { return syscall(SYS_gettid); }

static inline long ckvm_signal_thread(int thread, int signal) {
  long result = syscall(SYS_tgkill, getpid(), thread, signal);
  return result < 0 ? -errno : result;
}

static inline long ckvm_directory_entries(int directory, void *buffer, unsigned long size) {
  long result = syscall(SYS_getdents64, directory, buffer, size);
  return result < 0 ? -errno : result;
}

static inline long ckvm_read_link(const char *path, char *buffer, unsigned long size) {
  long result = readlink(path, buffer, size);
  return result < 0 ? -errno : result;
}

enum { ckvm_open_place = 010000000 /* O_PATH, which glibc hides without _GNU_SOURCE */ };

// An alarm: a counter that one thread rings and another waits for.

static inline int ckvm_alarm(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void ckvm_ring(int alarm) { (void)eventfd_write(alarm, 1); }

// Until the alarm rings or the time has passed; for ever when the time is negative.
static inline void ckvm_await(int alarm, int64_t nanoseconds) {
  struct pollfd wanted = {.fd = alarm, .events = POLLIN};
  struct {
    int64_t seconds, nanoseconds;
  } time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  (void)syscall(SYS_ppoll, &wanted, 1, nanoseconds < 0 ? NULL : &time, NULL, 8);
  eventfd_t rings;
  (void)eventfd_read(alarm, &rings);
}

// Minor page faults of the calling thread.
static inline long ckvm_thread_page_faults(void) {
  struct rusage usage;
  memset(&usage, 0, sizeof usage);
  (void)syscall(SYS_getrusage, 1 /* RUSAGE_THREAD */, &usage);
  return usage.ru_minflt;
}

static inline long ckvm_memory_file(const char *name) {
  long result = syscall(SYS_memfd_create, name, MFD_CLOEXEC);
  return result < 0 ? -errno : result;
}

// Places inside the run page, whose unions Swift would read and write as copies of the whole.

static inline struct kvm_regs *ckvm_registers(struct kvm_run *run) { return &run->s.regs.regs; }

static inline struct kvm_sregs *ckvm_special_registers(struct kvm_run *run) { return &run->s.regs.sregs; }

static inline unsigned ckvm_io_port(const struct kvm_run *run) { return run->io.port; }

static inline int ckvm_io_is_out(const struct kvm_run *run) { return run->io.direction == KVM_EXIT_IO_OUT; }

static inline unsigned long ckvm_fault_address(const struct kvm_run *run) { return run->mmio.phys_addr; }

static inline unsigned ckvm_suberror(const struct kvm_run *run) { return run->internal.suberror; }

#endif

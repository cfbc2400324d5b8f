#define _GNU_SOURCE
#include "CMonitor.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PML4 = 0x1000, DESCRIPTORS = 0x5000, GATE = 0x6000, EXCEPTION_STACK = 0x7000, GUEST = 0x10000 };
enum { P = 1, W = 2, U = 4, TOUCHED = 0x60 };
#define NX (1ul << 63)

typedef struct {
  int vm, vcpu;
  char *memory;
  struct kvm_run *run;
} machine;

static int device, run_size, snapshot_file;
static struct kvm_cpuid2 *features;
static unsigned char *program;
static uint64_t memory_size, snapshot_size;
static struct kvm_regs snapshot_registers;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000l + t.tv_nsec;
}

int c_monitor_open(const char *path, uint64_t memory) {
  int file = open(path, O_RDONLY);
  long size = lseek(file, 0, SEEK_END);
  program = malloc(size);
  if (file < 0 || pread(file, program, size, 0) != size) return -1;
  close(file);
  memory_size = memory;
  device = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (device < 0) return -1;
  run_size = ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0);
  features = calloc(1, sizeof *features + 256 * sizeof(struct kvm_cpuid_entry2));
  features->nent = 256;
  return ioctl(device, KVM_GET_SUPPORTED_CPUID, features);
}

static int create(machine *m, int restored) {
  m->vm = ioctl(device, KVM_CREATE_VM, 0);
  m->memory = mmap(0, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (restored)
    mmap(m->memory, snapshot_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, snapshot_file, 0);
  struct kvm_userspace_memory_region region = {0, 0, 0, memory_size, (uint64_t)m->memory};
  if (ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region)) return -1;
  m->vcpu = ioctl(m->vm, KVM_CREATE_VCPU, 0);
  m->run = mmap(0, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu, 0);
  m->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
  struct kvm_xcrs control = {.nr_xcrs = 1, .xcrs[0] = {0, 0, 7}};
  struct {
    struct kvm_msrs head;
    struct kvm_msr_entry entry[3];
  } msrs = {{3},
            {{0xc0000081, 0, 0x1bul << 48 | 8ul << 32}, {0xc0000082, 0, 0xe000}, {0xc0000084, 0, 0x200}}};
  return ioctl(m->vcpu, KVM_SET_CPUID2, features) || ioctl(m->vcpu, KVM_SET_XCRS, &control) ||
         ioctl(m->vcpu, KVM_SET_MSRS, &msrs) != 3;
}

static int start(machine *m, struct kvm_regs registers) {
  struct kvm_sregs s;
  if (ioctl(m->vcpu, KVM_GET_SREGS, &s)) return -1;
  s.cr0 = 0x80050033, s.cr3 = PML4, s.cr4 = 0x40620, s.efer = 0xd01;
  s.cs = (struct kvm_segment){.limit = ~0u, .selector = 0x2b, .type = 11, .present = 1, .dpl = 3, .s = 1, .l = 1, .g = 1};
  s.ss = (struct kvm_segment){.limit = ~0u, .selector = 0x23, .type = 3, .present = 1, .dpl = 3, .s = 1, .db = 1, .g = 1};
  s.ds = s.es = s.fs = s.gs = s.ss;
  s.tr = (struct kvm_segment){.base = 0xf280, .limit = 133, .selector = 0x30, .type = 11, .present = 1};
  s.gdt.base = 0xf200, s.gdt.limit = 63, s.idt.base = 0xf000, s.idt.limit = 511;
  m->run->s.regs.sregs = s;
  m->run->s.regs.regs = registers;
  m->run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
  return 0;
}

static void map(machine *m, uint64_t address, uint64_t frame, uint64_t flags) {
  ((uint64_t *)(m->memory + 0x4000))[address >> 12 & 511] = frame | flags | P | TOUCHED;
}

static int load(machine *m) {
  char *memory = m->memory;
  for (int level = 1; level < 4; level++)
    *(uint64_t *)(memory + level * 0x1000) = (level + 1) * 0x1000 | P | W | U | TOUCHED;
  unsigned char *d = (unsigned char *)memory + DESCRIPTORS;
  *(uint16_t *)(memory + GATE) = 0x20e6;
  for (int v = 0; v < 32; v++) {
    *(uint32_t *)(d + 0x400 + v * 4) = 0xf4f400e6 | (0x40 + v) << 8;
    uint64_t target = 0xf400 + v * 4, *gate = (uint64_t *)(d + v * 16);
    gate[0] = (target & 0xffff) | 8ul << 16 | 1ul << 32 | (v == 3 || v == 4 ? 0xeeul : 0x8eul) << 40;
  }
  uint64_t *g = (uint64_t *)(d + 0x200);
  g[1] = 0x00af9b000000ffff, g[2] = 0x00cf93000000ffff, g[3] = 0x00cffb000000ffff, g[4] = 0x00cff3000000ffff;
  g[5] = 0x00affb000000ffff, g[6] = 133 | 0xf280ul << 16 | 0x8bul << 40;
  unsigned char *t = d + 0x280;
  *(uint32_t *)(t + 4) = *(uint32_t *)(t + 36) = 0xd000;
  *(uint16_t *)(t + 102) = 104;
  memset(t + 104, 0xff, 30);
  t[104 + 4] &= ~1;
  t[104 + 28] &= ~7;
  map(m, 0xf000, DESCRIPTORS, 0);
  map(m, 0xe000, GATE, U);
  map(m, 0xc000, EXCEPTION_STACK, W | NX);
  Elf64_Ehdr *e = (void *)program;
  Elf64_Phdr *h = (void *)(program + e->e_phoff);
  uint64_t frame = GUEST;
  for (int i = 0; i < e->e_phnum; i++) {
    if (h[i].p_type != PT_LOAD) continue;
    uint64_t a = h[i].p_vaddr & ~4095ul, end = (h[i].p_vaddr + h[i].p_memsz + 4095) & ~4095ul;
    memcpy(memory + frame + (h[i].p_vaddr & 4095), program + h[i].p_offset, h[i].p_filesz);
    for (; a < end; a += 4096, frame += 4096)
      map(m, a, frame, U | (h[i].p_flags & PF_W ? W : 0) | (h[i].p_flags & PF_X ? 0 : NX));
  }
  for (uint64_t a = 0x1ef000; a < 0x1ff000; a += 4096, frame += 4096) map(m, a, frame, U | W | NX);
  return start(m, (struct kvm_regs){.rip = e->e_entry, .rsp = 0x1ff000 - 8, .rflags = 0x3202});
}

// The port at which the guest came back, or -1.
static int enter(machine *m) {
  if (ioctl(m->vcpu, KVM_RUN, 0) < 0 || m->run->exit_reason != KVM_EXIT_IO) return -1;
  return m->run->io.port;
}

static int call(machine *m) {
  char request = 'c';
  struct kvm_regs *r = &m->run->s.regs.regs;
  static uint64_t mailbox;
  if (m->run->io.port == 0xe0) mailbox = r->rdi;
  uint64_t entry = ((uint64_t *)(m->memory + 0x4000))[mailbox >> 12 & 511];
  m->memory[(entry & 0xffffffffff000) + (mailbox & 4095)] = request;
  r->rax = 1;
  m->run->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
  return enter(m) == 0xe1 ? 0 : -1;
}

static void destroy(machine *m) {
  munmap(m->run, run_size);
  close(m->vcpu);
  close(m->vm);
  munmap(m->memory, memory_size);
}

static int boot(machine *m) { return create(m, 0) || load(m) || enter(m) != 0xe2 || enter(m) != 0xe0; }

int64_t c_monitor_first_result(int64_t *warm, int calls) {
  machine m;
  int64_t begin = now();
  if (boot(&m) || call(&m)) return -1;
  int64_t took = now() - begin;
  for (int i = 0; i < calls; i++) {
    int64_t start = now();
    if (call(&m)) return -1;
    warm[i] = now() - start;
  }
  destroy(&m);
  return took;
}

static uint64_t snapshot_mailbox;

int c_monitor_snapshot(void) {
  machine m;
  if (boot(&m)) return -1;
  snapshot_mailbox = m.run->s.regs.regs.rdi;
  m.run->immediate_exit = 1;
  ioctl(m.vcpu, KVM_RUN, 0);
  snapshot_registers = m.run->s.regs.regs;
  snapshot_size = 1 << 20;
  snapshot_file = memfd_create("snapshot", MFD_CLOEXEC);
  if (ftruncate(snapshot_file, snapshot_size)) return -1;
  static const char zeros[4096];
  for (uint64_t page = 0; page < snapshot_size; page += 4096)
    if (memcmp(m.memory + page, zeros, 4096) && pwrite(snapshot_file, m.memory + page, 4096, page) != 4096) return -1;
  destroy(&m);
  return 0;
}

int64_t c_monitor_restore(void) {
  machine m;
  int64_t begin = now();
  struct kvm_regs registers = snapshot_registers;
  registers.rax = 1;
  if (create(&m, 1)) return -1;
  uint64_t entry = ((uint64_t *)(m.memory + 0x4000))[snapshot_mailbox >> 12 & 511];
  m.memory[(entry & 0xffffffffff000) + (snapshot_mailbox & 4095)] = 'c';
  if (start(&m, registers) || enter(&m) != 0xe1) return -1;
  int64_t took = now() - begin;
  destroy(&m);
  return took;
}

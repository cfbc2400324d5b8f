// The whole interface of a freestanding guest: three hypercalls, each one `out` of one byte.
//
//   #include "faascast.h"
//   static unsigned char box[4096];
//   void _start(void) {
//     faascast_mark(0);                                            // main has begun
//     unsigned long length = faascast_ready(box, sizeof box);      // waits for the first request
//     for (;;) length = faascast_result(box, handle(box, length)); // answers, waits for the next
//   }
//
// Build with Guests/Library/build, or:
//   clang --target=x86_64-unknown-none-elf -O2 -ffreestanding -nostdlib -static -fno-pic -mno-red-zone -fuse-ld=lld
//     -Wl,--image-base=0x100000 -Wl,-z,separate-code FILE.c -o FILE
//
// Requests and results lie in the guest's own memory. rdi and rsi are the arguments, rax the reply; every other
// register is kept. One stack of 1 MiB, no threads, no interrupts, SSE and AVX allowed.
#ifndef FAASCAST_H
#define FAASCAST_H

// The note by which the monitor tells these guests from Linux programs.
__asm__(
    ".pushsection .note.faascast, \"a\", @note\n"
    ".balign 4\n"
    ".long 9, 4, 1\n"
    ".asciz \"Faascast\"\n"
    ".balign 4\n"
    ".long 1\n"
    ".popsection\n");

// Offers `size` bytes at `mailbox` for requests; returns the length of the first.
static inline unsigned long faascast_ready(void *mailbox, unsigned long size) {
  unsigned long length;
  __asm__ volatile("outb %%al, $0xe0" : "=a"(length) : "D"(mailbox), "S"(size) : "memory");
  return length;
}

// Answers with `length` bytes at `result`; returns the length of the next request, which is in the mailbox.
static inline unsigned long faascast_result(const void *result, unsigned long length) {
  unsigned long next;
  __asm__ volatile("outb %%al, $0xe1" : "=a"(next) : "D"(result), "S"(length) : "memory");
  return next;
}

// Tells the monitor that a point was reached; 0 is the beginning of main.
static inline void faascast_mark(unsigned long point) {
  __asm__ volatile("outb %%al, $0xe2" : : "a"(0), "D"(point) : "memory");
}

#endif

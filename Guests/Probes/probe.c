// Does what its request's first byte says: what the tests of machines ask for.
#include "../Library/faascast.h"

typedef unsigned char byte;
typedef unsigned long word;

static byte box[4096];
static word calls;

static word overflow(word depth) {
  volatile byte local[512];
  local[0] = (byte)depth;
  return overflow(depth + 1) + local[0];
}

static const byte constant[16] = {1};

static word handle(const byte *request, word length) {
  if (length == 0) return 0;
  word address = 0;
  for (int i = 0; i < 8 && i + 1 < (int)length; i++) address |= (word)request[i + 1] << (8 * i);
  switch (request[0]) {
    case 'e': return length;                                   // echo
    case 'c': calls++; box[0] = (byte)calls; return 1;         // count
    case 'r': box[0] = *(volatile byte *)address; return 1;    // read an address
    case 'w': *(volatile byte *)address = 7; return 1;         // write an address
    case 'j': ((void (*)(void))address)(); return 1;           // jump to an address
    case 't': *(volatile byte *)(word)&handle = 0; return 1;   // write to code
    case 'k': *(volatile byte *)constant = 0; return 1;        // write to a constant
    case 'n': ((void (*)(void))(word)box)(); return 1;         // run data
    case 's': return overflow(0);                              // fill the stack
    case 'l': for (;;) __asm__ volatile("");                   // never end
    case 'u': __asm__ volatile("ud2"); return 1;
    case 'h': __asm__ volatile("hlt"); return 1;
    case 'p': __asm__ volatile("outb %%al, $0x80" ::: "memory"); return 1;
    case 'x': __asm__ volatile("outb %%al, $0x4e" ::: "memory"); return 1;
    case 'i': __asm__ volatile("inb $0xe0, %%al" ::: "rax"); return 1;
    case 'b': __asm__ volatile("int3"); return 1;
    case '8': __asm__ volatile("int $0x80"); return 1;
    case 'd': __asm__ volatile("xor %%ecx, %%ecx; div %%ecx" ::: "rax", "rcx", "rdx"); return 1;
    case 'y': __asm__ volatile("syscall" : : "a"(39) : "rcx", "r11", "memory"); return 1;
    case 'R': faascast_result((void *)address, 64); return 1;  // a result that is not its own
    case 'H': {                                                // a result of any place and length
      word size = 0;
      for (int i = 0; i < 8 && i + 9 < (int)length; i++) size |= (word)request[i + 9] << (8 * i);
      faascast_result((void *)address, size);
      return 1;
    }
    case 'L': faascast_result(box, ~0ul); return 1;            // a result of impossible length
    case 'm': faascast_mark(7); box[0] = 7; return 1;
    case '3': __asm__ volatile("mov %0, %%rsp; ud2" : : "r"(address)); return 1;  // an exception with a wild stack
  }
  return 0;
}

void _start(void) {
  faascast_mark(0);
  word length = faascast_ready(box, sizeof box);
  for (;;) length = faascast_result(box, handle(box, length));
}

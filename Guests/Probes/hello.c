// The smallest program with a C library: what starting one costs.
#include <stdio.h>

int main(void) {
  puts("hello");
  return 0;
}

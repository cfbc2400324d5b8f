// What the C library lets a program choose of its heap, which the Glibc module leaves out.
#include <malloc.h>

// Four ways to use a processor, the same code in a guest and outside: what the ratio of guest to native time is taken of.
#ifndef FAASCAST_KERNELS_H
#define FAASCAST_KERNELS_H

#include <stdint.h>

enum { kernel_words = 1 << 19, matrix_side = 160 };  // 4 MiB of words

// Whole pages, so that they can be placed anew.
static uint64_t kernel_memory[2][kernel_words] __attribute__((aligned(4096)));
static double kernel_matrix[3][matrix_side * matrix_side] __attribute__((aligned(4096)));

static inline uint32_t kernel_rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static const uint32_t kernel_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

// SHA-256's compression (FIPS 180-4, 6.2.2), over the same block again and again.
static uint64_t kernel_sha256(uint64_t rounds) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t w[64];
  for (uint64_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 16; i++) w[i] = state[i & 7] + (uint32_t)i;
    for (int i = 16; i < 64; i++) {
      uint32_t s0 = kernel_rotate(w[i - 15], 7) ^ kernel_rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
      uint32_t s1 = kernel_rotate(w[i - 2], 17) ^ kernel_rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
      uint32_t t1 = h + (kernel_rotate(e, 6) ^ kernel_rotate(e, 11) ^ kernel_rotate(e, 25)) + ((e & f) ^ (~e & g)) +
                    kernel_constants[i] + w[i];
      uint32_t t2 = (kernel_rotate(a, 2) ^ kernel_rotate(a, 13) ^ kernel_rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
  }
  return state[0];
}

static uint64_t kernel_matrix_product(uint64_t rounds) {
  for (int i = 0; i < matrix_side * matrix_side; i++) {
    kernel_matrix[0][i] = i % 7;
    kernel_matrix[1][i] = i % 5;
  }
  for (uint64_t round = 0; round < rounds; round++)
    for (int i = 0; i < matrix_side; i++)
      for (int k = 0; k < matrix_side; k++) {
        double x = kernel_matrix[0][i * matrix_side + k];
        for (int j = 0; j < matrix_side; j++)
          kernel_matrix[2][i * matrix_side + j] += x * kernel_matrix[1][k * matrix_side + j];
      }
  return (uint64_t)kernel_matrix[2][matrix_side + 1];
}

// One cycle through 4 MiB in steps that no prefetcher guesses.
static uint64_t kernel_pointer_chase(uint64_t steps) {
  uint64_t *next = kernel_memory[0];
  uint64_t at = 0;
  for (uint64_t i = 0; i < kernel_words; i++) next[i] = (i * 5 + 12345) & (kernel_words - 1);  // full period
  for (uint64_t i = 0; i < steps; i++) at = next[(at * 2654435761u) & (kernel_words - 1)];
  return at;
}

static uint64_t kernel_copy(uint64_t rounds) {
  for (uint64_t round = 0; round < rounds; round++) {
    uint64_t words = kernel_words;
    void *to = kernel_memory[1], *from = kernel_memory[0];
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
  }
  return kernel_memory[1][5];
}

static uint64_t run_kernel(int which, uint64_t amount) {
  switch (which) {
    case 0: return kernel_sha256(amount);
    case 1: return kernel_matrix_product(amount);
    case 2: return kernel_pointer_chase(amount);
    default: return kernel_copy(amount);
  }
}

#endif

// Arrivals and durations drawn inside the replay: Philox4x64-10, Marsaglia and Tsang's ziggurats, libm's exp.
#include <math.h>

#include "certified.h"

enum { BLOCK = 2048 };

typedef struct {
  uint64_t key[2], counter[2], block[4];
  int left;
} philox;

static uint64_t word(philox *r) {
  if (r->left == 0) {
    uint64_t x0 = r->counter[0], x1 = r->counter[1], x2 = 0, x3 = 0, k0 = r->key[0], k1 = r->key[1];
    for (int round = 0; round < 10; round++) {
      unsigned __int128 a = (unsigned __int128)x0 * 0xD2E7470EE14C6C93u, b = (unsigned __int128)x2 * 0xCA5A826395121157u;
      uint64_t y0 = (uint64_t)(b >> 64) ^ x1 ^ k0, y2 = (uint64_t)(a >> 64) ^ x3 ^ k1;
      x1 = (uint64_t)b, x3 = (uint64_t)a, x0 = y0, x2 = y2;
      k0 += 0x9E3779B97F4A7C15u, k1 += 0xBB67AE8584CAA73Bu;
    }
    r->block[0] = x3, r->block[1] = x2, r->block[2] = x1, r->block[3] = x0;
    if (++r->counter[0] == 0) r->counter[1]++;
    r->left = 4;
  }
  return r->block[--r->left];
}

static double uniform(uint64_t w) { return ((double)(int64_t)(w >> 12) + 0.5) * 0x1p-52; }

typedef struct {
  double edge, inside, height;
} layer;
static layer exponential_layers[257], normal_layers[257];

static void fill_layers(layer *layers, double tail, double area, int normal) {
  double edge[257];
  edge[0] = area / exp(normal ? -0.5 * tail * tail : -tail);
  edge[1] = tail;
  for (int i = 2; i < 256; i++) {
    double y = area / edge[i - 1] + exp(normal ? -0.5 * edge[i - 1] * edge[i - 1] : -edge[i - 1]);
    edge[i] = normal ? sqrt(-2 * log(y)) : -log(y);
  }
  edge[256] = 0;
  for (int i = 0; i < 257; i++)
    layers[i] = (layer){edge[i], i < 256 ? edge[i + 1] / edge[i] : 0,
                        exp(normal ? -0.5 * edge[i] * edge[i] : -edge[i])};
}

static double exponential(philox *r) {
  double shift = 0;
  for (;;) {
    uint64_t w = word(r);
    int i = w & 255;
    double u = uniform(w), x = u * exponential_layers[i].edge;
    if (u < exponential_layers[i].inside) return shift + x;
    if (i == 0) {
      shift += 7.697117470131050;
    } else {
      double h = exponential_layers[i].height;
      if (h + uniform(word(r)) * (exponential_layers[i + 1].height - h) < exp(-x)) return shift + x;
    }
  }
}

static double normal(philox *r) {
  for (;;) {
    uint64_t w = word(r);
    int i = w & 255;
    double u = 2 * uniform(w) - 1, x = u * normal_layers[i].edge;
    if (fabs(u) < normal_layers[i].inside) return x;
    if (i == 0) {
      double tail = 3.6541528853610088, a, b;
      do {
        a = log(uniform(word(r))) / tail;
        b = log(uniform(word(r)));
      } while (-2 * b <= a * a);
      return u < 0 ? a - tail : tail - a;
    }
    double h = normal_layers[i].height;
    if (h + uniform(word(r)) * (normal_layers[i + 1].height - h) < exp(-0.5 * x * x)) return x;
  }
}

void pool_sampled(double mean_gap, double median, double sigma, int64_t n, int64_t keep_alive, int64_t cold,
                  pool_count *count) {
  fill_layers(exponential_layers, 7.697117470131050, 0.003949659822581572, 0);
  fill_layers(normal_layers, 3.6541528853610088, 0.00492867323399, 1);
  philox gaps = {{1, 1}, {0, 0}, {0}, 0}, services = {{1, 2}, {0, 0}, {0}, 0};
  pool *p = pool_new(keep_alive, cold, count);
  int64_t arrivals[BLOCK], durations[BLOCK];
  double time = 0, mu = log(median);
  for (int64_t first = 0; first < n; first += BLOCK) {
    int64_t size = n - first < BLOCK ? n - first : BLOCK;
    for (int64_t i = 0; i < size; i++) {
      time += mean_gap * exponential(&gaps);
      arrivals[i] = (int64_t)(time * 1e9);
    }
    for (int64_t i = 0; i < size; i++) durations[i] = (int64_t)(exp(mu + sigma * normal(&services)) * 1e9 + 0.5);
    pool_add(p, arrivals, durations, size);
  }
  pool_free(p);
}

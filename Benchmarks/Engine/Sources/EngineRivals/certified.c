// Blocks that can be shown to be warm are counted. See docs/performance.md for the idea.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "EngineRivals.h"
#include "certified.h"
#include "histogram.h"

enum { BLOCK = 2048, MOST_BLOCK = 1 << 16, FEW = 6, LEAST = 32, STRETCH = 48 };

typedef struct {
  int32_t arrivals_end, ended, head, bound;
} bucket;

// Environments on one line of time: line[idle..busy) wait since then, line[busy..end) run until then, ascending.
// While blocks are counted, the running ones are in no order.
struct pool {
  int64_t keep_alive, cold, position;
  int64_t *line, first, busy, end, line_room;
  int64_t *kept, *ends;
  int32_t *links;
  bucket *buckets;
  int64_t room;
  int sorted;
  int64_t stretch;
  pool_count *count;
};

static void make_room(pool *p, int64_t n) {
  int64_t more = p->end - p->first + n + 64;
  if (p->end + n + 64 > p->line_room) {
    if (more * 2 > p->line_room) {
      p->line_room = more * 2;
      int64_t *larger = malloc(p->line_room * sizeof *larger);
      memcpy(larger, p->line + p->first, (p->end - p->first) * sizeof *larger);
      free(p->line);
      p->line = larger;
    } else {
      memmove(p->line, p->line + p->first, (p->end - p->first) * sizeof *p->line);
    }
    p->busy -= p->first, p->end -= p->first, p->first = 0;
  }
  if (more <= p->room) return;
  p->room = more * 2;
  p->kept = realloc(p->kept, p->room * sizeof(int64_t));
  p->ends = realloc(p->ends, p->room * sizeof(int64_t));
  p->links = realloc(p->links, p->room * sizeof(int32_t));
  p->buckets = realloc(p->buckets, p->room * sizeof(bucket));
}

pool *pool_new(int64_t keep_alive, int64_t cold, pool_count *count) {
  pool *p = calloc(1, sizeof *p);
  p->keep_alive = keep_alive;
  p->cold = cold;
  p->count = count;
  p->sorted = 1;
  p->stretch = STRETCH;
  make_room(p, 4 * BLOCK);
  return p;
}

void pool_free(pool *p) {
  free(p->line), free(p->kept), free(p->ends), free(p->links), free(p->buckets), free(p);
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void sort(int64_t *x, int64_t n) {
  if (n > 48) {
    qsort(x, n, sizeof *x, ascending);
    return;
  }
  for (int64_t i = 1; i < n; i++) {
    int64_t v = x[i], k = i;
    for (; k > 0 && x[k - 1] > v; k--) x[k] = x[k - 1];
    x[k] = v;
  }
}

static inline int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

// Event by event on the line.
static void walk(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n) {
  if (!p->sorted) sort(p->line + p->busy, p->end - p->busy), p->sorted = 1;
  int64_t *x = p->line, b = p->busy, first = p->first, end = p->end, keep = p->keep_alive, idle = 0, busy = 0;
  for (int k = 0; k < 16; k++) x[end + k] = INT64_MAX;
  for (int64_t i = 0; i < n; i++) {
    int64_t t = arrivals[i], latency = durations[i];
    b += (x[b] <= t) + (x[b + 1] <= t) + (x[b + 2] <= t);
    while (x[b] <= t) b++;
    if (b > first && x[b - 1] + keep > t) {
      idle += t - x[b - 1];
      int64_t held = latency > 0 ? latency : 1, e = t + held;
      busy += held;
      b--;
      int64_t *y = x + b;
      for (;;) {
        int64_t y1 = y[1], y2 = y[2], y3 = y[3], y4 = y[4];
        y[0] = min64(y1, e);
        y[1] = max64(y1, min64(y2, e));
        y[2] = max64(y2, min64(y3, e));
        y[3] = max64(y3, min64(y4, e));
        if (y4 >= e) break;
        y += 4;
        y[0] = e;
      }
    } else {
      first = b;
      p->count->cold_starts++;
      p->count->latency[histogram_slot(latency)]--;
      latency += p->cold;
      p->count->latency[histogram_slot(latency)]++;
      int64_t held = latency > 0 ? latency : 1, e = t + held, q = end;
      busy += held;
      for (; q > b && x[q - 1] > e; q--) x[q] = x[q - 1];
      x[q] = e;
      end++;
      x[end + 15] = INT64_MAX;
    }
  }
  p->busy = b, p->first = first, p->end = end;
  p->count->idle += idle, p->count->busy += busy;
}

static void gather(pool *p, bucket b, int64_t *e) {
  int64_t n = 0;
  for (int32_t link = b.head; link >= 0; link = p->links[link]) {
    int64_t time = p->ends[link], place = n++;
    for (; place > 0 && e[place - 1] < time; place--) e[place] = e[place - 1];
    e[place] = time;
  }
}

// Counts a block of which all invocations start warm; tells how many arrivals from the first do so for certain, and does
// nothing if those are not all.
static int64_t certify(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n) {
  int64_t start = arrivals[0], end = arrivals[n - 1], before = p->end - p->busy, waiting = p->busy - p->first;
  int64_t wanted = before < 32 ? n / 2 : before < 400 ? n / 4 : n / 8;
  int shift = 64 - __builtin_clzll((end - start) / (wanted > 1 ? wanted : 1) | 1);
  int64_t buckets = ((end - start) >> shift) + 1;
  bucket *bs = p->buckets;
  for (int64_t b = 0; b <= buckets; b++) bs[b] = (bucket){0, 0, -1, 0};
  int64_t sum_before = 0;
  int64_t *ends = p->ends, *running = p->line + p->busy;
  int32_t *links = p->links;
  for (int64_t i = 0; i < before; i++) {
    int64_t e = running[i] - start, b = min64(max64(0, e) >> shift, buckets);
    sum_before += e;
    ends[i] = e;
    links[i] = bs[b].head;
    bs[b].head = i;
    bs[b].ended++;
  }
  ends += before, links += before;
  int32_t at = before;
  for (int64_t i = 0; i < n; i++) {
    int64_t t = arrivals[i] - start, e = t + max64(1, durations[i]);
    bs[t >> shift].arrivals_end = i + 1;
    ends[i] = e;
    bucket *its = &bs[min64(e >> shift, buckets)];
    links[i] = its->head;
    its->head = at + i;
    its->ended++;
  }
  // How many of the environments that serve next are alive to the block's end.
  int64_t low = 0, high = waiting;
  const int64_t *since = p->line + p->first;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (since[middle] + p->keep_alive > end) high = middle; else low = middle + 1;
  }
  int32_t level = before, safe = before + waiting - low, bound = before, arrived = 0;
  for (int64_t b = 0; b < buckets; b++) {
    int32_t to = bs[b].arrivals_end > arrived ? bs[b].arrivals_end : arrived, highest = level + to - arrived;
    bs[b].arrivals_end = to;
    if (highest > safe) {
      int64_t some[64], *e = bs[b].ended <= 64 ? some : malloc(bs[b].ended * sizeof *e), k = bs[b].ended;
      gather(p, bs[b], e);
      int32_t now = level;
      highest = level;
      int32_t a = arrived;
      for (; a < to; a++) {
        while (k > 0 && e[k - 1] <= arrivals[a] - start) k--, now--;
        if (++now > highest && (highest = now) > safe) break;
      }
      if (e != some) free(e);
      if (a < to) return a;
    }
    if (highest > bound) bound = highest;
    bs[b].bound = bound;
    level += to - arrived - bs[b].ended;
    arrived = to;
  }

  // Backwards to the last end at each level. Levels from `top` up are settled.
  // What runs on: the ends behind the last bucket, and of that those after the block's end.
  int64_t left = 0, sum_left = 0, *kept = p->kept;
  ends = p->ends, links = p->links;
  for (int64_t b = buckets - 1; b <= buckets; b++)
    for (int32_t link = bs[b].head; link >= 0; link = links[link])
      if (ends[link] > end - start) kept[left++] = ends[link] + start, sum_left += ends[link];
  int64_t after = left, total = before + waiting, top = after, now = level;
  int64_t idle = 0;
  int64_t *stack = p->line + p->first;
  make_room(p, n + (after > total ? after : total));
  stack = p->line + p->first;
  for (int64_t l = before; l < after; l++) idle -= stack[total - 1 - l] - start;
  for (int64_t b = buckets; b > 0 && top < bs[b - 1].bound;) {
    b--;
    int64_t from_arrival = b ? bs[b - 1].arrivals_end : 0, last = bs[b].arrivals_end,
            from = now - (last - from_arrival) + bs[b].ended;
    if (from + (last - from_arrival) <= top) {
      now = from;
      continue;
    }
    int64_t some[64], *e = bs[b].ended <= 64 ? some : malloc(bs[b].ended * sizeof *e);
    gather(p, bs[b], e);
    int64_t a = last;
    for (int64_t k = 0; k < bs[b].ended; k++) {
      while (a > from_arrival && arrivals[a - 1] - start >= e[k]) a--, now--;
      if (now == top && e[k] <= end - start) {
        int64_t place = total - 1 - now;
        if (now >= before) idle -= stack[place] - start;
        idle += e[k];
        stack[place] = e[k] + start;
        top++;
      }
      now++;
    }
    now = from;
    if (e != some) free(e);
  }
  // What waited longer because of the block: all ends but the last at each level were taken again.
  p->busy = p->first + total - after;
  memcpy(p->line + p->busy, kept, left * sizeof *kept);
  p->end = p->busy + left;
  p->sorted = 0;
  p->count->idle += idle + sum_left - sum_before;
  return n;
}

void pool_add(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n) {
  for (int64_t first = 0; first < n;) {
    int64_t running = p->end - p->busy, warm = 0, held = 0;
    int64_t size = 32 * running;
    size = size < BLOCK ? BLOCK : size > MOST_BLOCK ? MOST_BLOCK : size;
    if (size > n - first) size = n - first;
    make_room(p, size + running);
    const int64_t *a = arrivals + first, *d = durations + first;
    if (running < FEW) {
      walk(p, a, d, size);
    } else {
      int64_t limit = max64(a[0], p->position) + p->keep_alive / 2;
      if (a[size - 1] > limit) {
        int64_t low = 1, high = size - 1;
        while (low < high) {
          int64_t middle = (low + high) / 2;
          if (a[middle] <= limit) low = middle + 1; else high = middle;
        }
        size = low;
      }
      if (size >= LEAST && a[size - 1] - p->position < p->keep_alive) {
        warm = certify(p, a, d, size);
        if (warm < LEAST) warm = 0; else if (warm < size) certify(p, a, d, warm);
      }
      if (warm < size) {
        int64_t some = min64(size, warm + p->stretch);
        p->stretch = warm ? STRETCH : min64(2 * p->stretch, MOST_BLOCK);
        walk(p, a + warm, d + warm, some - warm);
        size = some;
      } else {
        p->stretch = STRETCH;
      }
    }
    for (int64_t i = 0; i < size; i++) {
      int64_t v = d[i];
      if (v >= 64) {
        double x = v;
        uint64_t bits;
        memcpy(&bits, &x, 8);
        p->count->latency[(bits >> 46) - (1023 + 5) * 64]++;
      } else {
        p->count->latency[v]++;
      }
      if (i < warm) held += v > 0 ? v : 1;
    }
    p->count->busy += held, p->count->idle -= held;
    first += size;
    p->position = arrivals[first - 1];
  }
}

void pool_certified(const int64_t *arrivals, const int64_t *durations, int64_t n, int64_t keep_alive, int64_t cold,
                    pool_count *count) {
  pool *p = pool_new(keep_alive, cold, count);
  pool_add(p, arrivals, durations, n);
  pool_free(p);
}

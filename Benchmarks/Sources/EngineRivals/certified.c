// Blocks that can be shown to be warm are counted. See docs/performance.md for the idea.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "EngineRivals.h"
#include "certified.h"
#include "histogram.h"

enum { BLOCK = 2048, MOST_BLOCK = 1 << 16 };

typedef struct {
  int32_t arrivals_end, ended, head, bound;
} bucket;

struct pool {
  int64_t keep_alive, cold, position;
  int64_t *idle, idle_count, idle_room;  // a stack of moments since when environments are idle
  int64_t *running, running_count;       // ends in no order
  int64_t *kept, *finished;
  int32_t *links, *heads;
  bucket *buckets;
  int64_t *node_time;
  int32_t *node_next;
  int64_t room;
  int walk, patience;
  pool_count *count;
};

static void make_room(pool *p, int64_t room) {
  if (room <= p->room) return;
  p->room = room * 2;
  p->running = realloc(p->running, p->room * sizeof(int64_t));
  p->kept = realloc(p->kept, p->room * sizeof(int64_t));
  p->finished = realloc(p->finished, p->room * sizeof(int64_t));
  p->links = realloc(p->links, p->room * sizeof(int32_t));
  p->heads = realloc(p->heads, p->room * sizeof(int32_t));
  p->buckets = realloc(p->buckets, p->room * sizeof(bucket));
  p->node_time = realloc(p->node_time, p->room * sizeof(int64_t));
  p->node_next = realloc(p->node_next, p->room * sizeof(int32_t));
}

pool *pool_new(int64_t keep_alive, int64_t cold, pool_count *count) {
  pool *p = calloc(1, sizeof *p);
  p->keep_alive = keep_alive;
  p->cold = cold;
  p->count = count;
  p->patience = 1;
  make_room(p, 4 * BLOCK);
  p->idle_room = 1024;
  p->idle = malloc(p->idle_room * sizeof(int64_t));
  return p;
}

void pool_free(pool *p) {
  free(p->idle), free(p->running), free(p->kept), free(p->finished), free(p->links), free(p->heads);
  free(p->buckets), free(p->node_time), free(p->node_next), free(p);
}

static void make_idle_room(pool *p, int64_t room) {
  if (room <= p->idle_room) return;
  p->idle_room = 2 * room;
  p->idle = realloc(p->idle, p->idle_room * sizeof(int64_t));
}

static int shift_for(int64_t span, int64_t wanted) {
  int64_t width = span / wanted;
  return width == 0 ? 0 : 64 - __builtin_clzll((uint64_t)width);
}

// Event by event, through a calendar queue.
static void walk(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n) {
  int64_t start = arrivals[0], end = arrivals[n - 1];
  int shift = shift_for(end - start, n >= 4 ? n / 4 : 1);
  int64_t buckets = ((end - start) >> shift) + 1;
  memset(p->heads, 0xff, buckets * sizeof(int32_t));
  int32_t nodes = 0;
  int64_t kept = 0;
  for (int64_t i = 0; i < p->running_count; i++) {
    int64_t time = p->running[i];
    if (time > end) {
      p->running[kept++] = time;
    } else {
      int64_t b = (time - start) >> shift;
      if (b < 0) b = 0;
      p->node_time[nodes] = time;
      p->node_next[nodes] = p->heads[b];
      p->heads[b] = nodes++;
    }
  }
  p->running_count = kept;
  int64_t *due = p->finished, due_count = 0, i = 0;
  make_idle_room(p, p->idle_count + n + p->running_count + nodes + 1);
  for (int64_t b = 0; b < buckets; b++) {
    for (int32_t node = p->heads[b]; node >= 0; node = p->node_next[node]) {
      int64_t time = p->node_time[node], place = due_count++;
      for (; place > 0 && due[place - 1] < time; place--) due[place] = due[place - 1];
      due[place] = time;
    }
    for (; i < n && (arrivals[i] - start) >> shift == b; i++) {
      int64_t t = arrivals[i];
      while (due_count > 0 && due[due_count - 1] <= t) p->idle[p->idle_count++] = due[--due_count];
      int64_t latency = durations[i];
      if (p->idle_count > 0 && p->idle[p->idle_count - 1] + p->keep_alive > t) {
        p->count->idle += t - p->idle[--p->idle_count];
      } else {
        p->idle_count = 0;  // those beneath are older still
        p->count->cold_starts++;
        latency += p->cold;
      }
      int64_t held = latency > 0 ? latency : 1, time = t + held;
      p->count->busy += held;
      p->count->latency[histogram_slot(latency)]++;
      if (time > end) {
        p->running[p->running_count++] = time;
      } else {
        int64_t to = (time - start) >> shift;
        if (to == b) {
          int64_t place = due_count++;
          for (; place > 0 && due[place - 1] < time; place--) due[place] = due[place - 1];
          due[place] = time;
        } else {
          p->node_time[nodes] = time;
          p->node_next[nodes] = p->heads[to];
          p->heads[to] = nodes++;
        }
      }
    }
    while (due_count > 0) p->idle[p->idle_count++] = due[--due_count];
  }
}

static int certify(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n) {
  int64_t start = arrivals[0], end = arrivals[n - 1], before = p->running_count;
  if (end - p->position >= p->keep_alive) return 0;
  int shift = shift_for(end - start, before < 64 ? n : n / 4);
  int64_t buckets = ((end - start) >> shift) + 1;
  bucket *bs = p->buckets;
  for (int64_t b = 0; b < buckets; b++) bs[b] = (bucket){0, 0, -1, 0};
  int64_t kept = 0, finished = 0, busy = 0, idle = 0;
  for (int64_t i = 0; i < before; i++) {
    int64_t time = p->running[i];
    p->kept[kept] = time;
    p->finished[finished] = time;
    if (time > end) {
      kept++;
      continue;
    }
    int64_t b = (time - start) >> shift;
    if (b < 0) b = 0;
    p->links[finished] = bs[b].head;
    bs[b].head = finished++;
    bs[b].ended++;
    idle -= time - start;
  }
  for (int64_t i = 0; i < n; i++) {
    int64_t t = arrivals[i], held = durations[i] > 0 ? durations[i] : 1, time = t + held;
    bs[(t - start) >> shift].arrivals_end = i + 1;
    busy += held;
    idle += t - start;
    p->kept[kept] = time;
    p->finished[finished] = time;
    if (time > end) {
      kept++;
      continue;
    }
    int64_t b = (time - start) >> shift;
    p->links[finished] = bs[b].head;
    bs[b].head = finished++;
    bs[b].ended++;
    idle -= time - start;
  }
  int32_t level = before, bound = before, arrived = 0;
  for (int64_t b = 0; b < buckets; b++) {
    int32_t to = bs[b].arrivals_end > arrived ? bs[b].arrivals_end : arrived;
    bs[b].arrivals_end = to;
    level += to - arrived;
    arrived = to;
    if (level > bound) bound = level;
    level -= bs[b].ended;
    bs[b].bound = bound;
  }
  int64_t depth = bound - before;
  if (depth > 0 && (depth > p->idle_count || p->idle[p->idle_count - depth] + p->keep_alive <= end)) return 0;

  // Backwards to the last end at each level.
  int64_t total = before + p->idle_count, after = before + n - finished, top = after, now = after;
  make_idle_room(p, total + 1);
  for (int64_t l = before; l < after; l++) idle -= p->idle[total - 1 - l] - start;
  for (int64_t b = buckets; b > 0 && top < bs[b - 1].bound;) {
    b--;
    int64_t first = b ? bs[b - 1].arrivals_end : 0, last = bs[b].arrivals_end, from = now - (last - first) + bs[b].ended;
    if (from + (last - first) <= top) {
      now = from;
      continue;
    }
    int64_t ends[64], *e = bs[b].ended <= 64 ? ends : malloc(bs[b].ended * sizeof *e), count = 0;
    for (int32_t link = bs[b].head; link >= 0; link = p->links[link]) {
      int64_t time = p->finished[link], place = count++;
      for (; place > 0 && e[place - 1] < time; place--) e[place] = e[place - 1];
      e[place] = time;
    }
    int64_t a = last;
    for (int64_t k = 0; k < count; k++) {
      while (a > first && arrivals[a - 1] >= e[k]) a--, now--;
      if (now == top) {
        int64_t place = total - 1 - now;
        if (now >= before) idle -= p->idle[place] - start;
        idle += e[k] - start;
        p->idle[place] = e[k];
        top++;
      }
      now++;
    }
    now = from;
    if (e != ends) free(e);
  }
  p->idle_count = total - after;
  int64_t *swap = p->running;
  p->running = p->kept;
  p->kept = swap;
  p->running_count = kept;
  p->count->busy += busy;
  p->count->idle += idle;
  for (int64_t i = 0; i < n; i++) p->count->latency[histogram_slot(durations[i])]++;
  return 1;
}

void pool_add(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n) {
  for (int64_t first = 0; first < n;) {
    int64_t size = 2 * p->running_count;
    size = size < BLOCK ? BLOCK : size > MOST_BLOCK ? MOST_BLOCK : size;
    if (size > n - first) size = n - first;
    int may = p->walk == 0;
    if (may) {
      int64_t limit = (arrivals[first] > p->position ? arrivals[first] : p->position) + p->keep_alive / 8;
      if (arrivals[first + size - 1] > limit) {
        int64_t low = 1, high = size - 1;
        while (low < high) {
          int64_t middle = (low + high) / 2;
          if (arrivals[first + middle] <= limit) low = middle + 1; else high = middle;
        }
        size = low;
      }
    }
    make_room(p, 2 * (p->running_count + size) + 16);
    int done = 0;
    if (may && size >= 32) {
      done = certify(p, arrivals + first, durations + first, size);
      if (done) {
        p->patience = 1;
      } else {
        p->walk = p->patience;
        p->patience = p->patience < 32 ? 2 * p->patience : 64;
      }
    } else if (p->walk > 0) {
      p->walk--;
    }
    if (!done) walk(p, arrivals + first, durations + first, size);
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

#include <stdlib.h>
#include <time.h>

#include "EngineRivals.h"
#include "histogram.h"

double thread_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

// A binary heap of ends.
typedef struct {
  int64_t *at;
  int64_t count, room;
} heap;

static void push(heap *h, int64_t time) {
  if (h->count == h->room) h->at = realloc(h->at, (h->room *= 2) * sizeof *h->at);
  int64_t child = h->count++;
  while (child > 0) {
    int64_t parent = (child - 1) / 2;
    if (h->at[parent] <= time) break;
    h->at[child] = h->at[parent];
    child = parent;
  }
  h->at[child] = time;
}

static int64_t pop(heap *h) {
  int64_t first = h->at[0], moved = h->at[--h->count], hole = 0;
  for (;;) {
    int64_t child = 2 * hole + 1;
    if (child >= h->count) break;
    if (child + 1 < h->count && h->at[child + 1] < h->at[child]) child++;
    if (h->at[child] >= moved) break;
    h->at[hole] = h->at[child];
    hole = child;
  }
  h->at[hole] = moved;
  return first;
}

void pool_literal(const int64_t *arrivals, const int64_t *durations, int64_t n, int64_t keep_alive, int64_t cold,
                  pool_count *count) {
  heap running = {malloc(64 * sizeof(int64_t)), 0, 64};
  // A deque of the moments since when environments are idle, in a ring: old ones expire at the front.
  int64_t room = 64, front = 0, back = 0;
  int64_t *idle = malloc(room * sizeof *idle);
  for (int64_t i = 0; i < n; i++) {
    int64_t t = arrivals[i];
    while (running.count > 0 && running.at[0] <= t) {
      int64_t end = pop(&running);
      if (back - front == room) {
        int64_t *larger = malloc(2 * room * sizeof *idle);
        for (int64_t k = front; k < back; k++) larger[k & (2 * room - 1)] = idle[k & (room - 1)];
        free(idle);
        idle = larger;
        room *= 2;
      }
      idle[back++ & (room - 1)] = end;
    }
    while (front < back && idle[front & (room - 1)] + keep_alive <= t) front++;
    int64_t latency = durations[i];
    if (front < back) {
      count->idle += t - idle[--back & (room - 1)];
    } else {
      count->cold_starts++;
      latency += cold;
    }
    int64_t held = latency > 0 ? latency : 1;
    count->busy += held;
    count->latency[histogram_slot(latency)]++;
    push(&running, t + held);
  }
  free(running.at);
  free(idle);
}

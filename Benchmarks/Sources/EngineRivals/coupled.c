// All functions in one heap: the textbook of discrete-event simulation.
#include <stdlib.h>

#include "EngineRivals.h"
#include "histogram.h"

typedef struct {
  int64_t time;
  int32_t function, slot;
} event;

typedef struct {
  event *at;
  int64_t count, room;
} heap4;

static int before(event a, event b) {
  return a.time != b.time ? a.time < b.time : a.function != b.function ? a.function < b.function : a.slot < b.slot;
}

static void push(heap4 *h, event e) {
  if (h->count == h->room) h->at = realloc(h->at, (h->room *= 2) * sizeof *h->at);
  int64_t child = h->count++;
  while (child > 0) {
    int64_t parent = (child - 1) >> 2;
    if (!before(e, h->at[parent])) break;
    h->at[child] = h->at[parent];
    child = parent;
  }
  h->at[child] = e;
}

static event pop(heap4 *h) {
  event first = h->at[0], moved = h->at[--h->count];
  int64_t hole = 0;
  for (;;) {
    int64_t least = 4 * hole + 1;
    if (least >= h->count) break;
    int64_t end = least + 4 < h->count ? least + 4 : h->count;
    for (int64_t child = least + 1; child < end; child++)
      if (before(h->at[child], h->at[least])) least = child;
    if (!before(h->at[least], moved)) break;
    h->at[hole] = h->at[least];
    hole = least;
  }
  h->at[hole] = moved;
  return first;
}

// One row of the timeline.
typedef struct {
  int64_t arrivals, cold, throttles, busy_area, busy_slope, idle_area, idle_slope, billed;
} row;

typedef struct {
  int64_t *idle, idle_count, idle_room;
  int64_t arrivals, starts, cold, throttles, busy, peak, billed;
  __int128 busy_time, idle_time;
  uint32_t latency[64 * 28], duration[64 * 28];  // times up to 2^34 ns, 17 s, as needed here
} function;

static int64_t slot(int64_t value) {
  int64_t at = histogram_slot(value);
  return at < 64 * 28 ? at : 64 * 28 - 1;
}

void coupled_heap(const int32_t *functions, const int64_t *arrivals, const int64_t *durations, int64_t n,
                  int32_t function_count, int64_t keep_alive, int64_t cold, int64_t limit, coupled_count *count) {
  const int64_t minute = 60000000000;
  function *fs = calloc(function_count, sizeof *fs);
  int64_t rows = arrivals[n - 1] / minute + 64;
  row *timeline = calloc(rows, sizeof *timeline);
  int64_t *peaks = calloc(rows, sizeof *peaks);
  heap4 running = {malloc(64 * sizeof(event)), 0, 64};
  int64_t level = 0;
  for (int64_t i = 0; i <= n; i++) {
    int64_t t = i < n ? arrivals[i] : INT64_MAX;
    while (running.count > 0 && running.at[0].time <= t) {
      event e = pop(&running);
      function *f = &fs[e.function];
      row *r = &timeline[e.time / minute < rows ? e.time / minute : rows - 1];
      int64_t rest = minute - e.time % minute;
      r->busy_area -= rest, r->busy_slope--;
      r->idle_area += rest, r->idle_slope++;
      f->busy--;
      level--;
      if (f->idle_count == f->idle_room)
        f->idle = realloc(f->idle, (f->idle_room = f->idle_room ? 2 * f->idle_room : 4) * sizeof *f->idle);
      f->idle[f->idle_count++] = e.time;
    }
    if (i == n) break;
    function *f = &fs[functions[i]];
    row *r = &timeline[t / minute];
    f->arrivals++, r->arrivals++;
    if (level >= limit) {
      f->throttles++, r->throttles++;
      continue;
    }
    int64_t rest = minute - t % minute, latency = durations[i];
    if (f->idle_count > 0 && f->idle[f->idle_count - 1] + keep_alive > t) {
      f->idle_time += t - f->idle[--f->idle_count];
      r->idle_area -= rest, r->idle_slope--;
    } else {
      for (; f->idle_count > 0; f->idle_count--) {
        int64_t end = f->idle[f->idle_count - 1] + keep_alive;
        f->idle_time += keep_alive;
        row *g = &timeline[end / minute < rows ? end / minute : rows - 1];
        g->idle_area -= minute - end % minute, g->idle_slope--;
      }
      latency += cold;
      f->cold++, r->cold++;
    }
    int64_t held = latency > 0 ? latency : 1, billed = (latency + 999999) / 1000000;
    f->starts++, f->busy++;
    if (f->busy > f->peak) f->peak = f->busy;
    f->busy_time += held;
    f->billed += billed, r->billed += billed * 128;
    f->latency[slot(latency)]++;
    f->duration[slot(durations[i])]++;
    r->busy_area += rest, r->busy_slope++;
    level++;
    if (level > peaks[t / minute]) peaks[t / minute] = level;
    push(&running, (event){t + held, functions[i], (int32_t)i});
  }
  for (int32_t k = 0; k < function_count; k++) {
    count->starts += fs[k].starts, count->cold_starts += fs[k].cold, count->throttles += fs[k].throttles;
    count->billed_ms += fs[k].billed;
    free(fs[k].idle);
  }
  for (int64_t k = 0; k < rows; k++)
    if (peaks[k] > count->peak) count->peak = peaks[k];
  free(fs), free(timeline), free(peaks), free(running.at);
}

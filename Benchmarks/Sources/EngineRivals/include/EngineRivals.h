// Rivals of the simulation's engine, in C. All times are ns.
#ifndef ENGINE_RIVALS_H
#define ENGINE_RIVALS_H
#include <stdint.h>

// What a replay counts: the same that Faascast's PoolReplay does.
typedef struct {
  int64_t cold_starts;
  int64_t busy;
  // Waiting of environments that were used again.
  int64_t idle;
  // Latencies in buckets of a 64th of an octave.
  uint32_t latency[64 * 60];
} pool_count;

// A heap of running invocations and a deque of idle environments, event by event.
void pool_literal(const int64_t *arrivals, const int64_t *durations, int64_t n, int64_t keep_alive, int64_t cold,
                  pool_count *count);

// Blocks that can be shown to be warm are counted, the others walked.
void pool_certified(const int64_t *arrivals, const int64_t *durations, int64_t n, int64_t keep_alive, int64_t cold,
                    pool_count *count);

// The same with exponential gaps and lognormal durations drawn inside, block by block: Philox4x64-10, ziggurats, exp.
void pool_sampled(double mean_gap, double median, double sigma, int64_t n, int64_t keep_alive, int64_t cold,
                  pool_count *count);

// All functions of a table of invocations in order, in one 4-ary heap of ends, with a limit that they share.
typedef struct {
  int64_t starts, cold_starts, throttles;
  int64_t billed_ms;
  int64_t peak;
} coupled_count;
void coupled_heap(const int32_t *functions, const int64_t *arrivals, const int64_t *durations, int64_t n,
                  int32_t function_count, int64_t keep_alive, int64_t cold, int64_t limit, coupled_count *count);

// Seconds of processor time that this thread has used.
double thread_seconds(void);
#endif

#ifndef CERTIFIED_H
#define CERTIFIED_H
#include "EngineRivals.h"

typedef struct pool pool;
pool *pool_new(int64_t keep_alive, int64_t cold, pool_count *count);
void pool_add(pool *p, const int64_t *arrivals, const int64_t *durations, int64_t n);
void pool_free(pool *p);
#endif

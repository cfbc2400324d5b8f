// A pool a function, from a file to cold starts and running and idle time: what one writes in an afternoon with the
// standard library. PoolFromFile invocations FILE | minutes FILE
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

struct Request {
  int function;
  double arrival, duration;
};

static int indexOf(std::unordered_map<std::string, int> &names, std::string name) {
  return names.emplace(std::move(name), (int)names.size()).first->second;
}

static std::vector<Request> readInvocations(const char *path, std::unordered_map<std::string, int> &names) {
  std::vector<Request> requests;
  char line[512];
  FILE *file = fopen(path, "r");
  if (!file || !fgets(line, sizeof line, file)) exit(66);
  while (fgets(line, sizeof line, file)) {
    char *comma = strchr(line, ',');
    char *next;
    double arrival = strtod(comma + 1, &next), duration = strtod(next + 1, &next);
    requests.push_back({indexOf(names, std::string(line, comma)), arrival, duration});
  }
  fclose(file);
  return requests;
}

// Uniform arrivals in each minute, lognormal durations (median 0.2 s, mean 0.8 s), all sorted by arrival.
static std::vector<Request> readMinutes(const char *path, std::unordered_map<std::string, int> &names) {
  std::vector<Request> requests;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> within(0, 60);
  std::lognormal_distribution<double> duration(std::log(0.2), std::sqrt(2 * std::log(4.0)));
  FILE *file = fopen(path, "r");
  if (!file) exit(66);
  char *line = nullptr;
  size_t room = 0;
  if (getline(&line, &room, file) < 0) exit(65);
  while (getline(&line, &room, file) > 0) {
    char *at = strchr(line, ',');
    int function = indexOf(names, std::string(line, at));
    for (int minute = 0; *at == ','; minute++) {
      long count = strtol(at + 1, &at, 10);
      for (long i = 0; i < count; i++) requests.push_back({function, minute * 60 + within(random), duration(random)});
    }
  }
  free(line);
  fclose(file);
  std::sort(requests.begin(), requests.end(),
            [](const Request &a, const Request &b) { return a.arrival < b.arrival; });
  return requests;
}

int main(int count, char **arguments) {
  if (count != 3) return 64;
  const double keepAlive = 600, cold = 0.5;
  std::unordered_map<std::string, int> names;
  auto requests = strcmp(arguments[1], "minutes") ? readInvocations(arguments[2], names) : readMinutes(arguments[2], names);

  typedef std::pair<double, int> Moment;  // and the environment
  struct Pool {
    std::priority_queue<Moment, std::vector<Moment>, std::greater<Moment>> busy;
    std::set<Moment> idle;
  };
  std::vector<Pool> pools(names.size());
  long coldStarts = 0;
  int environments = 0;
  double running = 0, waiting = 0, horizon = 0;
  for (auto &request : requests) {
    auto &pool = pools[request.function];
    double t = request.arrival;
    for (; !pool.busy.empty() && pool.busy.top().first <= t; pool.busy.pop()) pool.idle.insert(pool.busy.top());
    for (; !pool.idle.empty() && pool.idle.begin()->first + keepAlive <= t; pool.idle.erase(pool.idle.begin()))
      waiting += keepAlive;
    int environment;
    double held = request.duration;
    if (pool.idle.empty()) {
      coldStarts++;
      environment = environments++;
      held += cold;
    } else {
      auto last = std::prev(pool.idle.end());
      environment = last->second;
      waiting += t - last->first;
      pool.idle.erase(last);
    }
    running += held;
    horizon = std::max(horizon, t + request.duration);
    pool.busy.push({t + held, environment});
  }
  for (auto &pool : pools) {
    for (; !pool.busy.empty(); pool.busy.pop()) pool.idle.insert(pool.busy.top());
    for (auto &idle : pool.idle) waiting += std::max(0.0, std::min(keepAlive, horizon - idle.first));
  }
  printf("{\"invocations\":%zu,\"coldStarts\":%ld,\"running\":%.3f,\"idle\":%.3f}\n", requests.size(), coldStarts, running,
         waiting);
}

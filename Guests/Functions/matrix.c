// The product of two square matrices of double precision; the request says their order (128 unless it does, 512 at most).

#include "function.h"

enum { largest = 512 };
static double a[largest * largest], b[largest * largest], product[largest * largest];

size_t handle(const char *request, size_t length, char *result, size_t room) {
  uint64_t order = request_number(request, length, 128);
  if (order > largest) order = largest;
  for (uint64_t i = 0; i < order * order; i++) {
    a[i] = (double)(i % 7);
    b[i] = (double)(i % 5);
    product[i] = 0;
  }
  for (uint64_t row = 0; row < order; row++)
    for (uint64_t inner = 0; inner < order; inner++) {
      double factor = a[row * order + inner];
      for (uint64_t column = 0; column < order; column++)
        product[row * order + column] += factor * b[inner * order + column];
    }
  double trace = 0;
  for (uint64_t i = 0; i < order; i++) trace += product[i * order + i];
  struct answer answer = {result, room, 0};
  put_text(&answer, "trace ");
  put_number(&answer, (uint64_t)trace);
  return answer.length;
}

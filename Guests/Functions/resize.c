// Halves an RGB picture by averaging four pixels into one; the request says its width (1,024 unless it does). The picture
// is made up, four wide to three high.

#include "function.h"

enum { widest = 2048 };
static uint8_t picture[widest * widest * 3 / 4 * 3], half[widest / 2 * widest / 2 * 3 / 4 * 3];

size_t handle(const char *request, size_t length, char *result, size_t room) {
  uint64_t width = request_number(request, length, 1024) & ~7ull;
  if (width > widest) width = widest;
  uint64_t height = width * 3 / 4;
  for (uint64_t y = 0; y < height; y++)
    for (uint64_t x = 0; x < width; x++) {
      uint8_t *pixel = picture + (y * width + x) * 3;
      pixel[0] = (uint8_t)x, pixel[1] = (uint8_t)y, pixel[2] = (uint8_t)(x ^ y);
    }
  uint64_t sum = 0;
  for (uint64_t y = 0; y < height / 2; y++)
    for (uint64_t x = 0; x < width / 2; x++)
      for (uint64_t channel = 0; channel < 3; channel++) {
        const uint8_t *upper = picture + (2 * y * width + 2 * x) * 3 + channel;
        const uint8_t *lower = upper + width * 3;
        uint8_t mean = (uint8_t)((upper[0] + upper[3] + lower[0] + lower[3] + 2) / 4);
        half[(y * (width / 2) + x) * 3 + channel] = mean;
        sum += mean;
      }
  struct answer answer = {result, room, 0};
  put_number(&answer, width / 2);
  put_text(&answer, "x");
  put_number(&answer, height / 2);
  put_text(&answer, " sum ");
  put_number(&answer, sum);
  return answer.length;
}

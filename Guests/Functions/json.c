// Reads JSON and writes it in another form: the orders of each customer added up. A request that is an array of orders,
//     [{"customer": 3, "amount": 1250, "paid": true}, …]
// is read as it is; a number makes up that many orders (1,000 unless it is there).

#include "function.h"

enum { customers = 64, longest = 1 << 20 };
static char document[longest];

/// Where reading has come to; `at` is null once the text is not what was expected.
struct reader {
  const char *at;
  const char *end;
};

static void skip_spaces(struct reader *reader) {
  while (reader->at && reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n')) reader->at++;
}

static int takes(struct reader *reader, char wanted) {
  skip_spaces(reader);
  if (!reader->at || reader->at >= reader->end || *reader->at != wanted) return 0;
  reader->at++;
  return 1;
}

static void expect(struct reader *reader, char wanted) {
  if (!takes(reader, wanted)) reader->at = NULL;
}

static uint64_t read_number(struct reader *reader) {
  skip_spaces(reader);
  if (!reader->at || reader->at >= reader->end || *reader->at < '0' || *reader->at > '9') {
    reader->at = NULL;
    return 0;
  }
  uint64_t value = 0;
  while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
    value = value * 10 + (uint64_t)(*reader->at++ - '0');
  return value;
}

static int read_boolean(struct reader *reader) {
  skip_spaces(reader);
  if (!reader->at || reader->at >= reader->end) return 0;
  const char *word = *reader->at == 't' ? "true" : "false";
  int is_true = *reader->at == 't';
  while (*word) expect(reader, *word++);
  return is_true;
}

/// The first letter of a key, which tells our three keys apart.
static char read_key(struct reader *reader) {
  expect(reader, '"');
  if (!reader->at || reader->at >= reader->end) return 0;
  char first = *reader->at;
  while (reader->at < reader->end && *reader->at != '"') reader->at++;
  expect(reader, '"');
  expect(reader, ':');
  return first;
}

static size_t make_up(uint64_t orders) {
  struct answer text = {document, longest, 0};
  uint64_t state = 7;
  put_byte(&text, '[');
  for (uint64_t i = 0; i < orders && text.length < longest - 100; i++) {
    uint64_t number = next_number(&state);
    if (i > 0) put_text(&text, ", ");
    put_text(&text, "{\"customer\": ");
    put_number(&text, number % customers);
    put_text(&text, ", \"amount\": ");
    put_number(&text, number >> 32 & 0xffff);
    put_text(&text, number >> 60 & 1 ? ", \"paid\": true}" : ", \"paid\": false}");
  }
  put_byte(&text, ']');
  return text.length;
}

size_t handle(const char *request, size_t length, char *result, size_t room) {
  struct answer answer = {result, room, 0};
  struct reader reader = {request, request + length};
  skip_spaces(&reader);
  if (length == 0 || *reader.at != '[') {
    reader.at = document;
    reader.end = document + make_up(request_number(request, length, 1000));
  }
  uint64_t amounts[customers] = {0}, counts[customers] = {0};
  expect(&reader, '[');
  while (reader.at && !takes(&reader, ']')) {
    uint64_t customer = 0, amount = 0;
    int is_paid = 0;
    expect(&reader, '{');
    while (reader.at && !takes(&reader, '}')) {
      switch (read_key(&reader)) {
      case 'c': customer = read_number(&reader); break;
      case 'a': amount = read_number(&reader); break;
      case 'p': is_paid = read_boolean(&reader); break;
      default: reader.at = NULL;
      }
      takes(&reader, ',');
    }
    if (is_paid && customer < customers) amounts[customer] += amount, counts[customer]++;
    takes(&reader, ',');
  }
  if (!reader.at) {
    put_text(&answer, "{\"error\": \"not an array of orders\"}");
    return answer.length;
  }
  put_text(&answer, "{\"customers\": [");
  int is_first = 1;
  for (uint64_t i = 0; i < customers; i++) {
    if (counts[i] == 0) continue;
    if (!is_first) put_text(&answer, ", ");
    is_first = 0;
    put_text(&answer, "{\"customer\": ");
    put_number(&answer, i);
    put_text(&answer, ", \"orders\": ");
    put_number(&answer, counts[i]);
    put_text(&answer, ", \"amount\": ");
    put_number(&answer, amounts[i]);
    put_byte(&answer, '}');
  }
  put_text(&answer, "]}");
  return answer.length;
}

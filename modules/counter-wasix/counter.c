// Its own HTTP by BSD sockets, which WASIX has and preview 1 has not: no host function counts for it. COUNTER_URL says where the counter is.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct counter {
  char host[16];
  int port;
  const char *path;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct counter parse(const char *url) {
  struct counter counter;
  int path = 0;
  if (!url || sscanf(url, "http://%15[0-9.]:%d%n", counter.host, &counter.port, &path) != 2) {
    fprintf(stderr, "COUNTER_URL must be http://, an IPv4 address, a port and a path\n");
    exit(2);
  }
  counter.path = url + path;
  return counter;
}

static int open_connection(const struct counter *counter) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(counter->port)};
  if (inet_pton(AF_INET, counter->host, &address.sin_addr) != 1) fail(counter->host);
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connection < 0) fail("socket");
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  return connection;
}

// One request on a connection of its own; gives the answer's body, which lies in `answer`.
static const char *request(const struct counter *counter, const char *method, const char *action, char *answer, size_t size) {
  int connection = open_connection(counter);
  char text[512];
  int length = snprintf(text, sizeof text, "%s %s%s HTTP/1.1\r\nHost: %s:%d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", method, counter->path, action,
                        counter->host, counter->port);
  for (int sent = 0; sent < length;) {
    ssize_t n = send(connection, text + sent, length - sent, 0);
    if (n <= 0) fail("send");
    sent += n;
  }

  size_t received = 0;
  ssize_t n = 0;
  while (received < size - 1 && (n = recv(connection, answer + received, size - 1 - received, 0)) > 0) received += n;
  if (n < 0) fail("recv");
  close(connection);
  answer[received] = 0;

  int status;
  const char *body = strstr(answer, "\r\n\r\n");
  if (!body || sscanf(answer, "HTTP/1.1 %d", &status) != 1 || status / 100 != 2) {
    fprintf(stderr, "%s %s: the counter server answered: %s\n", method, action, answer);
    exit(1);
  }
  return body + 4;
}

int main(void) {
  struct counter counter = parse(getenv("COUNTER_URL"));
  char answer[1024];
  for (int i = 0; i < 10; i++) request(&counter, "PUT", "/add", answer, sizeof answer);
  printf("%s\n", request(&counter, "GET", "/count", answer, sizeof answer));
  return 0;
}

// The load generator of the benchmarks: browsers of chat servers on this machine, in one thread.
//
//   load PORT        connects to 127.0.0.1 only, ends after ten minutes at the latest, or when its input ends
//
// Lines of the input, fields separated by tabs; `headers` and `greeting` hold several, separated by \x1f:
//   W room source path headers greeting           a WebSocket (room -1: idle); greeting: texts sent when it is open
//   E room source path headers                    a stream of server-sent events
//   H room source method path headers body        what asks in this room; in the body %u is a new UUID, %n the last line
//   marker text                                   what a frame must hold to be counted
//   open n                                        connect what is not yet connected, n at a time
//   closed seconds rooms                          each of the first rooms asks again as soon as all its sockets have heard
//   rate per_second seconds rooms                 asks at fixed times, in turn; who is late counts from his time
//   say count seconds rooms text                  the first socket says text; done when each has heard `count` frames
//   wait seconds                                  answers pings, counts what was closed
// open, closed, rate, say and wait are answered by one line of JSON. Times are milliseconds: `heard` from asking to
// the last socket, `done` until the answer too.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef enum { WEBSOCKET = 'W', EVENTS = 'E', REQUESTS = 'H' } Kind;
typedef enum { NEW, DIALLING, SHAKING, OPEN, DEAD } State;
typedef struct {
    int fd, room;
    Kind kind;
    State state;
    char *source, *method, *path, *headers, *body, *greeting, *buffer;
    size_t length, capacity;
} Connection;
typedef struct {
    int members, first, asker, last;
    long wanted, heard;
    int is_busy, is_answered;
    double begun, heard_at;
} Room;
typedef struct { double *values; long count, capacity; } Times;

static Connection *all; static int count, opened, failed, dialling, closed;
static Room *rooms; static int room_count;
static int poller, port; static char marker[64] = "\"n\": ", first_bad[160], said[256];
static long done, bad, say_count; static double stop_at; static int is_closed_loop;
static Times heard_times, done_times;
static char incoming[1 << 18];

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static void fail(const char *what) { perror(what); exit(1); }

static void add(Times *times, double value) {
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? 2 * times->capacity : 4096;
        times->values = realloc(times->values, times->capacity * sizeof(double));
    }
    times->values[times->count++] = value;
}
static int compare(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }
static double quantile(Times *times, double q) { return times->count ? times->values[(long)(q * (times->count - 1) + .5)] * 1e3 : 0; }

// ---- sending
static void watch(Connection *c, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u32 = c - all};
    epoll_ctl(poller, how, c->fd, &event);
}
static void write_all(Connection *c, const char *data, size_t size) {
    if (send(c->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size) bad++;
}
static void write_frame(Connection *c, int opcode, const char *data, size_t size) {
    unsigned char out[1024], mask[4] = {0x5a, 0xc3, 0x17, 0x88};
    if (size > 1000) fail("frame too large");
    size_t head = size < 126 ? 2 : 4;
    out[0] = 0x80 | opcode; out[1] = 0x80 | (size < 126 ? size : 126); out[2] = size >> 8; out[3] = size & 255;
    memcpy(out + head, mask, 4);
    for (size_t i = 0; i < size; i++) out[head + 4 + i] = data[i] ^ mask[i & 3];
    write_all(c, (char *)out, head + 4 + size);
}
static void greet(Connection *c) {
    char *copy = strdup(c->greeting), *rest = copy, *text;
    while ((text = strsep(&rest, "\x1f"))) if (*text) write_frame(c, 1, text, strlen(text));
    free(copy);
}
static size_t fill(char *out, const char *body, Room *room) {
    static unsigned long serial; size_t n = 0;
    for (; *body; body++) {
        if (body[0] == '%' && body[1] == 'u') n += sprintf(out + n, "%08x-0000-4000-8000-%012lx", (unsigned)getpid(), ++serial), body++;
        else if (body[0] == '%' && body[1] == 'n') n += sprintf(out + n, "%d", room->last), body++;
        else out[n++] = *body;
    }
    out[n] = 0;
    return n;
}
static void request(Connection *c) {
    char body[8192], out[16384];
    size_t size = fill(body, c->body, &rooms[c->room]);
    int n = snprintf(out, sizeof out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", c->method, c->path, port, c->headers);
    n += size ? snprintf(out + n, sizeof out - n, "Content-Length: %zu\r\n\r\n%s", size, body) : snprintf(out + n, sizeof out - n, "\r\n");
    write_all(c, out, n);
}
static void handshake(Connection *c) {
    char out[8192];
    const char *upgrade = c->kind == WEBSOCKET ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" : "Accept: text/event-stream\r\n";
    write_all(c, out, snprintf(out, sizeof out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s\r\n", c->path, port, upgrade, c->headers));
    c->state = SHAKING;
}

// ---- connecting
static void dial(Connection *c) {
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct linger at_once = {1, 0}; int one = 1;
    if ((c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) < 0) fail("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);  // leaves no port in TIME_WAIT
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    if (inet_pton(AF_INET, c->source, &from.sin_addr) != 1 || bind(c->fd, (void *)&from, sizeof from)) fail("bind");
    if (connect(c->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
    c->state = DIALLING; c->length = 0; dialling++;
    watch(c, EPOLL_CTL_ADD, EPOLLOUT | EPOLLIN);
}
static void hang_up(Connection *c) {
    if (c->state == DEAD) return;
    if (c->state != OPEN) { failed++; dialling--; } else if (c->kind != REQUESTS) closed++; else opened--;
    close(c->fd); c->state = DEAD;
}
static void is_open(Connection *c) {
    c->state = OPEN; opened++; dialling--;
    if (c->kind == WEBSOCKET) greet(c);
    else if (c->kind == REQUESTS && rooms[c->room].is_busy) request(c);
}

// ---- a room's round: ask, hear, be answered
static void ask(Room *room) {
    room->heard = 0; room->is_busy = 1; room->begun = now(); room->heard_at = 0;
    room->wanted = room->members * (say_count ? say_count : 1);
    room->is_answered = say_count || room->asker < 0;
    if (say_count) write_frame(&all[room->first], 1, said, strlen(said));
    else if (all[room->asker].state == OPEN) request(&all[room->asker]);
    else dial(&all[room->asker]);  // the server ends connections that were kept alive for long
}
static void check(Room *room) {
    if (!room->is_busy || room->heard < room->wanted) return;
    double at = now();
    if (!room->heard_at) { room->heard_at = at; add(&heard_times, at - room->begun); }
    if (!room->is_answered) return;
    add(&done_times, at - room->begun);
    room->is_busy = 0; done++;
    if (is_closed_loop && at < stop_at) ask(room);
}
static void hear(Connection *c, const char *data, size_t size) {
    if (c->room < 0 || !memmem(data, size, marker, strlen(marker))) return;
    Room *room = &rooms[c->room];
    const char *n = memmem(data, size, "\"n\": ", 5);
    if (n && c == &all[room->first]) room->last = atoi(n + 5);
    room->heard++;
    check(room);
}

// ---- reading; each returns how many bytes it used, 0 if it needs more
static size_t read_frame(Connection *c, char *data, size_t size) {
    if (size < 2) return 0;
    unsigned char *u = (unsigned char *)data; size_t head = 2, n = u[1] & 127;
    if (n == 126) { if (size < 4) return 0; n = u[2] << 8 | u[3]; head = 4; }
    else if (n == 127) { if (size < 10) return 0; n = 0; for (int i = 2; i < 10; i++) n = n << 8 | u[i]; head = 10; }
    if (size < head + n) return 0;
    int opcode = u[0] & 15;
    if (opcode == 9) write_frame(c, 10, data + head, n);
    else if (opcode == 8) hang_up(c);
    else if (opcode == 1 && n == 1 && data[head] == '2') write_frame(c, 1, "3", 1);  // Engine.IO's own ping
    else if (opcode == 1) hear(c, data + head, n);
    return head + n;
}
static size_t read_event(Connection *c, char *data, size_t size) {
    char *end = memmem(data, size, "\n\n", 2);
    if (!end) return 0;
    hear(c, data, end - data);
    return end - data + 2;
}
static size_t read_answer(Connection *c, char *data, size_t size) {
    char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = end - data + 4, body = 0;
    int status = atoi(data + 9);
    *end = 0;
    char *length = strcasestr(data, "\r\ncontent-length:");
    if (status != 204 && status != 304 && length) body = atol(length + 17);
    *end = '\r';
    if (c->kind != REQUESTS) {
        if (status != (c->kind == WEBSOCKET ? 101 : 200)) { hang_up(c); return 0; }
        is_open(c);
        return head;
    }
    if (size < head + body) return 0;
    if (status >= 400 && !bad++) snprintf(first_bad, sizeof first_bad, "%d", status);
    rooms[c->room].is_answered = 1;
    check(&rooms[c->room]);
    return head + body;
}
static void read_all(Connection *c, char *data, size_t size) {
    if (c->length + size > c->capacity) c->buffer = realloc(c->buffer, c->capacity = c->length + size + 1);
    memcpy(c->buffer + c->length, data, size);
    c->length += size;
    size_t used = 0, n = 1;
    while (n && used < c->length && c->state != DEAD) {
        char *at = c->buffer + used; size_t left = c->length - used;
        n = c->state == SHAKING || c->kind == REQUESTS ? read_answer(c, at, left)
            : c->kind == WEBSOCKET ? read_frame(c, at, left) : read_event(c, at, left);
        used += n;
    }
    memmove(c->buffer, c->buffer + used, c->length -= used);
    if (!c->length) { free(c->buffer); c->buffer = NULL; c->capacity = 0; }
}
static void serve(Connection *c, uint32_t events) {
    if (c->state == DIALLING) {
        int error = 0; socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) { hang_up(c); return; }
        if (!(events & EPOLLOUT)) return;
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        if (c->kind == REQUESTS) is_open(c); else handshake(c);
        return;
    }
    ssize_t n = recv(c->fd, incoming, sizeof incoming, MSG_DONTWAIT);
    if (n > 0) read_all(c, incoming, n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) hang_up(c);
}
static void turn(int wait_ms) {
    struct epoll_event events[512];
    int n = epoll_wait(poller, events, 512, wait_ms);
    for (int i = 0; i < n; i++) {
        Connection *c = &all[events[i].data.u32];
        if (c->state != DEAD && c->state != NEW) serve(c, events[i].events);
    }
}

// ---- commands
static void report(double begun) {
    qsort(heard_times.values, heard_times.count, sizeof(double), compare);
    qsort(done_times.values, done_times.count, sizeof(double), compare);
    int lost = 0;
    for (int i = 0; i < room_count; i++) { lost += rooms[i].is_busy; rooms[i].is_busy = 0; }
    printf("{\"open\": %d, \"failed\": %d, \"closed\": %d, \"seconds\": %.3f, \"done\": %ld, \"lost\": %d, \"bad\": %ld, \"status\": \"%s\", "
        "\"heard_p50\": %.3f, \"heard_p99\": %.3f, \"heard_max\": %.3f, \"done_p50\": %.3f, \"done_p99\": %.3f}\n", opened, failed, closed,
        now() - begun, done, lost, bad, first_bad, quantile(&heard_times, .5), quantile(&heard_times, .99), quantile(&heard_times, 1),
        quantile(&done_times, .5), quantile(&done_times, .99));
    fflush(stdout);
    heard_times.count = done_times.count = done = bad = say_count = is_closed_loop = 0;
}
static int is_anybody_busy(int most) { for (int i = 0; i < most; i++) if (rooms[i].is_busy) return 1; return 0; }
static void finish(int most) { for (double end = now() + 5; is_anybody_busy(most) && now() < end;) turn(5); }
static void open_all(int at_once) {
    double begun = now();
    for (int next = 0; (next < count || dialling > 0) && now() - begun < 120;) {
        while (next < count && dialling < at_once) { if (all[next].state == NEW) dial(&all[next]); next++; }
        turn(20);
    }
    report(begun);
}
static void loop(double seconds, int most) {
    double begun = now();
    is_closed_loop = 1; stop_at = begun + seconds;
    for (int i = 0; i < most; i++) ask(&rooms[i]);
    while (now() < stop_at) turn(5);
    double took = now();
    finish(most);
    report(begun + (now() - took));  // the last answers are waited for, not measured
}
static void pace(double per_second, double seconds, int most) {
    double begun = now(), next_turn = begun; int n = 0;
    while (next_turn < begun + seconds && now() < begun + seconds + 10) {
        Room *room = &rooms[n % most];
        if (now() < next_turn || room->is_busy) { if (room->is_busy) n++; turn(now() < next_turn); continue; }
        ask(room);
        room->begun = next_turn;  // a late start counts as waiting
        next_turn += 1 / per_second; n++;
    }
    finish(most);
    report(begun);
}
static char *field(char **rest) { char *text = strsep(rest, "\t"); return strdup(text ? text : ""); }
static char *lines(char *text) {  // \x1f → CRLF, and one at the end
    char *out = malloc(2 * strlen(text) + 3), *to = out;
    for (; *text; text++) { if (*text == '\x1f') { *to++ = '\r'; *to++ = '\n'; } else *to++ = *text; }
    if (to > out) { *to++ = '\r'; *to++ = '\n'; }
    *to = 0;
    return out;
}
static void enlist(char *line) {
    if (!(count & 1023)) all = realloc(all, (count + 1024) * sizeof *all);
    Connection *c = memset(&all[count], 0, sizeof *c);
    c->kind = line[0]; line += 2;
    c->room = atoi(strsep(&line, "\t")); c->source = field(&line);
    c->method = c->kind == REQUESTS ? field(&line) : "GET";
    c->path = field(&line); c->headers = lines(field(&line));
    if (c->kind == REQUESTS) c->body = field(&line); else c->greeting = field(&line);
    while (room_count <= c->room) {
        rooms = realloc(rooms, (room_count + 1) * sizeof *rooms);
        rooms[room_count++] = (Room){.first = -1, .asker = -1};
    }
    if (c->room >= 0) {
        Room *room = &rooms[c->room];
        if (c->kind == REQUESTS) room->asker = count;
        else if (!room->members++) room->first = count;
    }
    count++;
}
static void obey(char *line) {
    double a, b; int n, at;
    if (strchr("WEH", line[0]) && line[1] == '\t') enlist(line);
    else if (!strncmp(line, "marker ", 7)) snprintf(marker, sizeof marker, "%.63s", line + 7);
    else if (sscanf(line, "open %d", &n) == 1) open_all(n);
    else if (sscanf(line, "closed %lf %d", &a, &n) == 2) loop(a, n);
    else if (sscanf(line, "rate %lf %lf %d", &a, &b, &n) == 3) pace(a, b, n);
    else if (sscanf(line, "say %ld %lf %d %n", &say_count, &a, &n, &at) == 3) { snprintf(said, sizeof said, "%s", line + at); loop(a, n); }
    else if (sscanf(line, "wait %lf", &a) == 1) { double begun = now(); while (now() < begun + a) turn(20); report(begun); }
    else { fprintf(stderr, "load: what is %s?\n", line); exit(2); }
}
int main(int argc, char **argv) {
    static char input[1 << 16]; size_t length = 0;
    if (argc != 2) return 2;
    alarm(600);
    port = atoi(argv[1]); poller = epoll_create1(0);
    for (;;) {  // between commands pings are answered too
        struct epoll_event quick; char *end;
        while ((end = memchr(input, '\n', length))) {
            char line[1 << 13]; size_t n = end - input;
            if (n >= sizeof line) return 2;
            memcpy(line, input, n); line[n] = 0;
            memmove(input, end + 1, length -= n + 1);
            obey(line);
        }
        fd_set ready; FD_ZERO(&ready); FD_SET(0, &ready);
        struct timeval soon = {0, count ? 20000 : 200000};
        if (select(1, &ready, NULL, NULL, &soon) > 0) {
            ssize_t n = read(0, input + length, sizeof input - length);
            if (n <= 0) return 0;
            length += n;
        }
        if (epoll_wait(poller, &quick, 1, 0) > 0) turn(0);
    }
}

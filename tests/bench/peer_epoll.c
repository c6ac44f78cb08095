// The yardstick of the hub: the least a chat server can do, as one epoll loop. Accepts WebSockets at /room/<number>;
// on the text "push <count> <bytes>" it sends that many text frames of that size to every member of the room.
//
//   peer_epoll PORT        listens on 127.0.0.1 only
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, ROOMS = 4096 };
// The load generator always sends the key of RFC 6455 section 1.3, whose answer is known.
static const char *ACCEPT = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static int room_of[MOST];                       // by descriptor; -1: has not said its handshake yet
static struct { int *fds, count; } rooms[ROOMS];
static int poller;

static void push(int number, int times, int size) {
    static unsigned char frame[65536 + 4];
    int head = size < 126 ? 2 : 4;
    frame[0] = 0x81; frame[1] = size < 126 ? size : 126;
    if (head == 4) { frame[2] = size >> 8; frame[3] = size & 255; }
    memset(frame + head, '.', size);
    memcpy(frame + head, "~line~", 6);
    while (times--)
        for (int i = 0; i < rooms[number].count; i++)
            if (send(rooms[number].fds[i], frame, head + size, MSG_NOSIGNAL) != head + size) exit(3);
}
static void join(int fd, char *request) {
    char *path = strstr(request, "/room/");
    int number = path ? atoi(path + 6) : 0;
    if (number < 0 || number >= ROOMS) exit(2);
    room_of[fd] = number;
    rooms[number].fds = realloc(rooms[number].fds, (rooms[number].count + 1) * sizeof(int));
    rooms[number].fds[rooms[number].count++] = fd;
    if (send(fd, ACCEPT, strlen(ACCEPT), MSG_NOSIGNAL) < 0) exit(3);
}
static void leave(int fd) {
    int number = room_of[fd];
    for (int i = 0; number >= 0 && i < rooms[number].count; i++)
        if (rooms[number].fds[i] == fd) rooms[number].fds[i] = rooms[number].fds[--rooms[number].count];
    close(fd);
}
static void hear(int fd, unsigned char *data, int size) {
    while (size >= 6) {  // the load's frames are short and whole
        int n = data[1] & 127, times, bytes;
        char text[128];
        for (int i = 0; i < n; i++) text[i] = data[6 + i] ^ data[2 + (i & 3)];
        text[n] = 0;
        if ((data[0] & 15) == 1 && sscanf(text, "push %d %d", &times, &bytes) == 2) push(room_of[fd], times, bytes);
        data += 6 + n; size -= 6 + n;
    }
}
static void serve(int fd) {
    static char data[65536];
    ssize_t n = recv(fd, data, sizeof data - 1, 0);
    if (n <= 0) leave(fd);
    else if (room_of[fd] < 0) { data[n] = 0; join(fd, data); }
    else hear(fd, (unsigned char *)data, n);
}
int main(int argc, char **argv) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
    struct rlimit most = {MOST, MOST}; struct epoll_event events[512]; int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setrlimit(RLIMIT_NOFILE, &most);
    inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *)&here, sizeof here) || listen(listener, 1024)) { perror("listen"); return 1; }
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int n = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) { serve(fd); continue; }
            if ((fd = accept(listener, NULL, NULL)) < 0) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            room_of[fd] = -1;
            struct epoll_event fresh = {.events = EPOLLIN, .data.fd = fd};
            epoll_ctl(poller, EPOLL_CTL_ADD, fd, &fresh);
        }
    }
}

/*
 * A device by libmodbus: libmodbus-server tcp | libmodbus-server rtu PATH BAUD PARITY UNIT
 *
 * Has 64 coils and 64 discrete inputs (on where the address is odd), 200 holding registers that hold their address,
 * and 200 input registers that hold 1000 more. Listens on a free port of the loopback or opens the serial port,
 * prints the port number or "ready", and answers until its standard input ends.
 */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BITS = 64, REGISTERS = 200, INPUT_BASE = 1000 };

static int fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    return 1;
}

static modbus_mapping_t *device(void)
{
    modbus_mapping_t *map = modbus_mapping_new(BITS, BITS, REGISTERS, REGISTERS);
    if (map == NULL) return NULL;
    for (int i = 0; i < BITS; i++) map->tab_bits[i] = map->tab_input_bits[i] = i & 1;
    for (int i = 0; i < REGISTERS; i++) {
        map->tab_registers[i] = (uint16_t) i;
        map->tab_input_registers[i] = (uint16_t) (INPUT_BASE + i);
    }
    return map;
}

/* Answers one request; 0 when the client went away. */
static int answer(modbus_t *context, modbus_mapping_t *map)
{
    uint8_t request[MODBUS_MAX_ADU_LENGTH];
    int length = modbus_receive(context, request);
    if (length == -1) return errno == EMBBADCRC || errno == EMBBADDATA || errno == ETIMEDOUT;
    if (length > 0) modbus_reply(context, request, length, map);
    return 1;
}

/* Waits until `line` can be read; 0 when the standard input ended first. */
static int waitFor(int line)
{
    struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = line, .events = POLLIN}};
    while (poll(watched, 2, -1) > 0) {
        if (watched[0].revents != 0) return 0;
        if (watched[1].revents != 0) return 1;
    }
    return 0;
}

static int serveTcp(modbus_mapping_t *map)
{
    modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
    int listener = modbus_tcp_listen(context, 1);
    if (listener == -1) return fail("listen");
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(listener, (struct sockaddr *) &address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (waitFor(listener) && modbus_tcp_accept(context, &listener) != -1) {
        while (waitFor(modbus_get_socket(context)) && answer(context, map)) continue;
        modbus_close(context);
    }
    return 0;
}

static int serveRtu(modbus_mapping_t *map, char **arguments)
{
    modbus_t *context = modbus_new_rtu(arguments[0], atoi(arguments[1]), arguments[2][0], 8, 1);
    if (context == NULL || modbus_set_slave(context, atoi(arguments[3])) == -1) return fail("rtu");
    if (modbus_connect(context) == -1) return fail("open");
    printf("ready\n");
    fflush(stdout);
    while (waitFor(modbus_get_socket(context)) && answer(context, map)) continue;
    return 0;
}

int main(int count, char **arguments)
{
    modbus_mapping_t *map = device();
    if (map == NULL) return fail("map");
    if (count == 2 && strcmp(arguments[1], "tcp") == 0) return serveTcp(map);
    if (count == 6 && strcmp(arguments[1], "rtu") == 0) return serveRtu(map, arguments + 2);
    fprintf(stderr, "usage: libmodbus-server tcp | libmodbus-server rtu PATH BAUD PARITY UNIT\n");
    return 2;
}

"""Serial adapters that are plugged in and out in an instant: each line `plug NUMBER` of the standard input makes a pty and
prints the device file of its other end, each `pull NUMBER` takes it away while it may be open, and prints "gone"; `send
NUMBER` puts a megabyte on its line. Nothing that is written to them is ever read."""

import os
import sys
import threading
import tty

masters = {}


def flood(master):
    try:
        while True:
            os.write(master, b"U" * 4096)
    except OSError:
        pass  # it was pulled out


for command in sys.stdin:
    verb, number = command.split()
    if verb == "plug":
        master, slave = os.openpty()
        tty.setraw(slave)
        path = os.ttyname(slave)
        os.close(slave)
        masters[number] = master
        print(path, flush=True)
    elif verb == "send":
        threading.Thread(target=flood, args=(masters[number],), daemon=True).start()
        print("sending", flush=True)
    else:
        os.close(masters.pop(number))
        print("gone", flush=True)

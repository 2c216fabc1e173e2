"""Cuts the power of a file system: what its journal has not written to the device is gone, and nothing can be written.

power-cut.py PATH    cuts that of the ext4 file system PATH is on; prints CLOCK_MONOTONIC in nanoseconds from before
power-cut.py --probe exits with 0 where that can be done on this machine
"""

import fcntl
import os
import struct
import subprocess
import sys
import tempfile
import time

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


def cut(path):
    folder = os.open(path, os.O_RDONLY)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    os.close(folder)
    return before


def probe():
    with tempfile.TemporaryDirectory() as folder:
        image, mounted = os.path.join(folder, "image"), os.path.join(folder, "mounted")
        with open(image, "wb") as file:
            file.truncate(16 << 20)
        os.mkdir(mounted)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, mounted], check=True)
        try:
            cut(mounted)
        finally:
            subprocess.run(["umount", mounted], check=True)


if sys.argv[1] == "--probe":
    probe()
else:
    print(cut(sys.argv[1]))

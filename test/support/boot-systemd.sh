#!/bin/bash
# Boots a systemd of its own in namespaces of its own, on a copy of this machine's file system that is thrown away.
# Usage: boot-systemd.sh IMAGE PROJECT   IMAGE is laid over the file system, PROJECT appears as /opt/weir, IMAGE/out as /out
#        boot-systemd.sh --probe         succeeds where this machine lets us do so
set -euo pipefail

if [[ $1 != --inside ]]; then
  group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/weir-test-$$
  mkdir "$group"
  trap 'find "$group" -depth -type d -exec rmdir {} + || true' EXIT
  (
    echo "$BASHPID" > "$group/cgroup.procs"
    exec unshare --mount --pid --uts --net --ipc --cgroup --fork --kill-child "$0" --inside "$@"
  )
  exit
fi
shift

# All mounts from here on are ours alone and end with the last process.
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
root=/mnt/root
mkdir "$root" /mnt/upper /mnt/work
[[ $1 == --probe ]] || cp -a "$1/." /mnt/upper
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
[[ $1 != --probe ]] || exit 0

for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/opt/weir" "$root/out"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 mem:1:1 ttyS0:4:64; do
  IFS=: read -r name major minor <<< "$device"
  mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done
chgrp dialout "$root/dev/ttyS0"
chmod 660 "$root/dev/ttyS0"
mount --bind "$2" "$root/opt/weir"
mount --bind "$1/out" "$root/out"

# Not chroot: a process in one may make no user namespace, which PrivateUsers= does.
cd "$root"
mkdir old
pivot_root . old
umount --lazy /old
exec env -i container=weir-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=scenario.target --log-target=null --show-status=no < /dev/null

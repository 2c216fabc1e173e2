#!/bin/bash
# Installs a built checkout as a service: the program below /opt/weir, its unit and what belongs to it below /usr/lib.
# Usage: sudo systemd/install.sh [ROOT]     (ROOT: install below another folder, e.g. into an image)
# Run it again for an upgrade; the version before stays as /opt/weir.old until the next one.
set -euo pipefail

checkout=$(dirname "$(dirname "$(readlink -f "$0")")")
root=${1:-}

if [[ ! -f $checkout/dist/src/weir.mjs ]]; then
  echo 'weir is not built: run `npm ci && npm run build` first' >&2
  exit 1
fi

# Everything new is in place before one rename brings it in: a power cut leaves the old version or the new one.
new=$root/opt/weir.new
rm -rf "$new"
install -d "$new"
cp -r --preserve=mode,links "$checkout"/{dist,config,systemd,node_modules,package.json,package-lock.json} "$new"
for document in README.md CHANGELOG.md SECURITY.md LICENSE; do
  [[ ! -f $checkout/$document ]] || install -m 644 "$checkout/$document" "$new"
done
chmod -R u=rwX,go=rX "$new" # whatever the umask of the checkout was
npm prune --prefix "$new" --omit=dev --offline --ignore-scripts --no-audit --no-fund --silent
rm -rf "$root/opt/weir.old"
[[ ! -e $root/opt/weir ]] || mv "$root/opt/weir" "$root/opt/weir.old"
mv "$new" "$root/opt/weir"

place() { install -D -m "$3" "$checkout/systemd/$1" "$root$2"; }
place weir.service /usr/lib/systemd/system/weir.service 644
place weir.sysusers /usr/lib/sysusers.d/weir.conf 644
place weir.tmpfiles /usr/lib/tmpfiles.d/weir.conf 644
place weir.modules-load /usr/lib/modules-load.d/weir.conf 644
place 60-weir-serial.rules /usr/lib/udev/rules.d/60-weir-serial.rules 644
place weir /usr/bin/weir 755

systemd-sysusers --root="$root/" weir.conf
systemd-tmpfiles --root="$root/" --create weir.conf
[[ -z $root ]] || exit 0
systemctl daemon-reload
systemctl restart systemd-modules-load.service
udevadm control --reload
udevadm trigger --subsystem-match=tty --subsystem-match=usb-serial

#!/bin/bash
# in-root.sh PARENT ROOT SCRIPT NAME=VALUE...
# Runs SCRIPT inside ROOT with only these variables, as the first process of a process namespace of its own, with an
# empty in-memory folder at /mnt. Nothing touches the disk, and nothing survives: when the first process ends, the
# kernel ends every other one in the namespace and drops the folder.
# To be started by `setpriv --pdeathsig KILL`, so that it dies with PARENT (a process id) even when that is killed -9.
set -eu
# A root shell without the folders of system commands in its PATH is common (su, services): chroot lives there.
PATH=$PATH:/usr/sbin:/sbin
parent=$1 root=$2 script=$3
shift 3
# The parent may have died before setpriv could ask to be told of it.
[ "$PPID" = "$parent" ] || exit 1
exec unshare --mount --propagation private --pid --kill-child=KILL /bin/bash -c '
  set -eu
  root=$1 script=$2
  shift 2
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t sysfs sys "$root/sys" 2>/dev/null || true
  mount -t tmpfs -o size=4g strongroom-lab "$root/mnt"
  cp "$script" "$root/mnt/start.sh"
  exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@" \
    /bin/bash /mnt/start.sh' in-root "$root" "$script" "$@"

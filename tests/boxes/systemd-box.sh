#!/bin/bash
# systemd-box.sh - boot a real systemd (PID 1 + logind + journald + user managers) in its own
# pid/mount/uts/ipc/cgroup(/net) namespaces on a machine whose own PID 1 is not systemd, and run
# commands in it as an unprivileged user with a working `systemctl --user`.  Needs: root, cgroup2
# support in the kernel, util-linux (unshare nsenter setpriv).  No daemon, no nspawn, no KVM.
#
#   systemd-box.sh build    ROOTFS             make ROOTFS once (mmdebstrap/debootstrap); no-op if there
#   systemd-box.sh up       ROOTFS NAME        boot a box on a throw-away overlay of ROOTFS
#   systemd-box.sh user     NAME CMD [ARG..]   run CMD as $BOX_USER in a real PAM/logind login session
#   systemd-box.sh userbare NAME CMD [ARG..]   same uid, no session, no XDG_RUNTIME_DIR (as from cron/sudo -u)
#   systemd-box.sh root     NAME CMD [ARG..]   run CMD as root in the box
#   systemd-box.sh net      NAME CMD [ARG..]   run CMD outside the box, in its network (BOX_NET=own or private)
#   systemd-box.sh adduser  NAME USER UID [HOME]   another user; then BOX_USER=USER BOX_UID=UID for user and userbare
#   systemd-box.sh put      NAME SRC DST       copy a file to the box's disk, owned by root, whether it runs or not
#   systemd-box.sh push     NAME SRC DST       copy a file/dir in, owned by $BOX_USER
#   systemd-box.sh reboot   NAME               `systemctl reboot` in the box, wait until it is up again
#   systemd-box.sh crash    NAME               SIGKILL PID 1 (power cut), boot again on the same disk
#   systemd-box.sh down     NAME               power off, unmount, delete overlay, cgroup, netns
#   systemd-box.sh run      ROOTFS CMD [ARG..] up + user + down (always tears down), rc of CMD
#   systemd-box.sh ip       NAME               with BOX_NET=private: "HOST_IP BOX_IP"
#   systemd-box.sh check    [ROOTFS]           can boxes run here? rc 0, or rc 77 and the reason (skip the test)
#   systemd-box.sh selftest ROOTFS             the full cycle with a sample unit
#
# ROOTFS is a directory, or the word `host`: an overlay (tmpfs) over this machine's own / , which
# must have systemd, dbus, libpam-systemd installed; nothing is downloaded, nothing is changed.
# Env: BOX_USER=dev BOX_UID=4242  BOX_STATE=/var/tmp/waypost-boxes  BOX_SUITE=bookworm  BOX_MIRROR=...
#      BOX_PKGS="polkitd ..." (extra packages for build)    BOX_TIMEOUT=60
#      BOX_NET=host (share loopback) | own (own netns `wpbox-NAME`, nothing but its loopback)
#              | private (the same with a veth pair to the host, no way out)
set -euo pipefail
BOX_USER=${BOX_USER:-dev} BOX_UID=${BOX_UID:-4242} BOX_STATE=${BOX_STATE:-/var/tmp/waypost-boxes}
BOX_SUITE=${BOX_SUITE:-bookworm} BOX_MIRROR=${BOX_MIRROR:-}
BOX_PKGS=${BOX_PKGS-polkitd} BOX_NET=${BOX_NET:-host} BOX_TIMEOUT=${BOX_TIMEOUT:-60}
SELF=$(readlink -f "$0")
die() { echo "systemd-box: $*" >&2; exit 1; }

cg2() { # a cgroup2 mount on this machine (hybrid or unified)
  local m; m=$(awk '$3=="cgroup2"{print $2; exit}' /proc/self/mounts)
  if [ -z "$m" ]; then m=/run/wpbox-cgroup2; mkdir -p $m; mount -t cgroup2 cgroup2 $m; fi; echo "$m"; }
subnet() { echo "10.231.$(( $(echo "$1" | cksum | cut -d' ' -f1) % 254 + 1 ))"; }
cmd_ip() { echo "$(subnet "$1").1 $(subnet "$1").2"; }
cmd_check() { no() { echo "systemd-box: cannot run here: $*" >&2; exit 77; }
  [ "$(id -u)" = 0 ] || no "not root"
  local t; for t in unshare nsenter setpriv pivot_root pgrep setsid; do command -v $t >/dev/null || no "no $t"; done
  grep -qw cgroup2 /proc/filesystems || no "no cgroup2"; grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || no "no overlayfs"
  unshare -p -m -u -i -C --fork --propagation private sh -c 'mount -t tmpfs t /mnt && mkdir /mnt/c && mount -t cgroup2 c /mnt/c' 2>/dev/null || no "no privilege for namespaces and mounts"
  if [ "${1:-host}" = host ]; then [ -x /lib/systemd/systemd ] && [ -x /usr/bin/dbus-daemon ] && ls /usr/lib/*/security/pam_systemd.so >/dev/null 2>&1 || no "rootfs host needs the packages systemd dbus dbus-user-session libpam-systemd"; fi; }
initpid() { local s; s=$(cat "$BOX_STATE/$1/sup.pid" 2>/dev/null) || return 1
  local u; u=$(pgrep -P "$s" -x unshare) || return 1; pgrep -P "$u" | head -1; }
in_box() { local n=$1; shift; local p; p=$(initpid "$n") || die "box $n is not running"
  nsenter -t "$p" -a -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"; }
wait_up() { local n=$1 i st p; for i in $(seq $((BOX_TIMEOUT*10))); do
    if p=$(initpid "$n") && [ -n "$p" ] && [ "$p" != "${2:-}" ]; then
      st=$(in_box "$n" systemctl is-system-running 2>/dev/null || true)
      case $st in running|degraded) return 0;; esac
    fi; sleep .1; done; die "box $n did not come up in ${BOX_TIMEOUT}s (state: ${st:-none})"; }

cmd_build() { local r=$1; [ "$r" = host ] && return 0
  local pk="systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps,ca-certificates,iproute2,strace"
  [ -n "$BOX_PKGS" ] && pk="$pk,$(echo "$BOX_PKGS" | tr ' ' ,)"
  [ "$(cat "$r/.built" 2>/dev/null)" = "$BOX_SUITE $pk" ] && return 0
  # In mounts of its own: what bootstrapping mounts is never seen by, or left to, this machine.
  [ "${BOX_APART:-}" ] || exec env BOX_APART=1 unshare -m --propagation private "$SELF" build "$r"
  local t="$r.part.$$"; rm -rf --one-file-system "$t" "$r"; mkdir -p "$(dirname "$r")"
  PART=$t; trap 'rm -rf --one-file-system "$PART"' EXIT
  if command -v mmdebstrap >/dev/null; then
    mmdebstrap -q --variant=minbase --include="$pk" --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
      --format=directory "$BOX_SUITE" "$t" ${BOX_MIRROR:+"$BOX_MIRROR"} >&2
  else debootstrap --variant=minbase --include="$pk" "$BOX_SUITE" "$t" ${BOX_MIRROR:+"$BOX_MIRROR"} >&2; fi
  : > "$t/etc/machine-id"; echo "$BOX_SUITE $pk" > "$t/.built"; mv -T "$t" "$r"; trap - EXIT; }

mount_root() { # inside the fresh namespaces: build the root at $1 and become systemd
  local S=$1 R=$1/root n
  mountpoint -q "$R" || mount -t overlay overlay -o "lowerdir=$(cat "$S/lower"),upperdir=$S/disk/up,workdir=$S/disk/work" "$R"
  mount -t proc  proc  "$R/proc" -o nosuid,nodev,noexec
  mount --bind "$R/proc/sys" "$R/proc/sys"; mount -o remount,bind,ro "$R/proc/sys"
  [ ! -e "$R/proc/sysrq-trigger" ] || mount --bind /dev/null "$R/proc/sysrq-trigger"
  mount -t sysfs sysfs "$R/sys"  -o ro,nosuid,nodev,noexec
  mount -t tmpfs tmpfs "$R/dev"  -o mode=755,nosuid
  mkdir "$R"/dev/{pts,shm,mqueue}
  for n in null zero full random urandom tty; do : > "$R/dev/$n"; mount --bind "/dev/$n" "$R/dev/$n"; done
  mount -t devpts devpts "$R/dev/pts" -o newinstance,ptmxmode=0666,mode=0620,gid=5
  ln -s pts/ptmx "$R/dev/ptmx"; ln -s /proc/self/fd "$R/dev/fd"
  for n in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${n%%:*}" "$R/dev/${n##*:}"; done
  mount -t tmpfs tmpfs "$R/dev/shm" -o mode=1777,nosuid,nodev
  mount -t tmpfs tmpfs "$R/run" -o mode=755,nosuid,nodev
  mount -t tmpfs tmpfs "$R/tmp" -o mode=1777,nosuid,nodev
  # a second, unmasked proc (as nspawn has): without one the kernel refuses bwrap/podman their own /proc
  mkdir -m 700 "$R/run/.fullproc"; mkdir "$R/run/.fullproc/p"; mount -t proc proc "$R/run/.fullproc/p"
  mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup" -o nosuid,nodev,noexec
  hostname "$(basename "$S")"
  cd "$R"; mkdir -p mnt/oldroot 2>/dev/null || true; pivot_root . mnt/oldroot
  exec chroot . /bin/sh -c 'umount -l /mnt/oldroot; exec setpriv --bounding-set=-sys_module,-sys_rawio,-sys_time,-wake_alarm,-syslog \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 container=unshare /lib/systemd/systemd --show-status=0 --log-target=journal'
}
supervise() { # one background process per box: boots it, boots it again after a reboot
  local S=$1 N=$2 rc C; C=$(cg2)/wpbox-$N; mkdir -p "$C"; echo $BASHPID > "$C/cgroup.procs"
  local ns=(); [ -e "/run/netns/wpbox-$N" ] && ns=(nsenter --net="/run/netns/wpbox-$N")
  while :; do
    rc=0; "${ns[@]}" unshare -p -m -u -i -C --fork --kill-child --propagation private "$SELF" __init "$S" || rc=$?
    echo "$(date +%T) box $N: pid 1 ended rc=$rc" >&2
    # 129 = SIGHUP = reboot(RB_AUTOBOOT) in a pid namespace; 130 = SIGINT = power off
    if [ $rc = 129 ] || [ -e "$S/again" ]; then rm -f "$S/again"; continue; fi
    break
  done; }
cmd_up() { local r=$1 n=$2 S="$BOX_STATE/$2"; cmd_check "$r"; [ -e "$S/sup.pid" ] && die "box $n exists; down it first"
  [ "$r" = host ] || [ -x "$r/lib/systemd/systemd" ] || die "no rootfs at $r (build it first)"
  mkdir -p "$S/root" "$S/disk"
  if [ "$r" = host ]; then mount -t tmpfs tmpfs "$S/disk" -o mode=755; echo / > "$S/lower"; else readlink -f "$r" > "$S/lower"; fi
  mkdir -p "$S/disk/up" "$S/disk/work"
  # first-boot preparation on the overlay, in a throw-away mount namespace
  unshare -m --propagation private bash -euc '
    S=$1 R=$1/root; mount -t overlay overlay -o "lowerdir=$(cat $S/lower),upperdir=$S/disk/up,workdir=$S/disk/work" $R
    if [ "$(cat $S/lower)" = / ]; then rm -rf $R/etc/systemd/system/* $R/var/lib/systemd/linger/* $R/var/log/journal; fi
    mkdir -p $R/var/log/journal $R/mnt/oldroot
    tr -d - < /proc/sys/kernel/random/uuid > $R/etc/machine-id; basename $S > $R/etc/hostname; : > $R/etc/fstab
    grep -q "[[:space:]]$(basename $S)\$" $R/etc/hosts 2>/dev/null || echo "127.0.1.1 $(basename $S)" >> $R/etc/hosts
    grep -q "^$2:" $R/etc/passwd || chroot $R useradd -m -s /bin/bash -u $3 $2
    ' _ "$S" "$BOX_USER" "$BOX_UID"
  if [ "$BOX_NET" = own ]; then ip netns add "wpbox-$n"; ip -n "wpbox-$n" link set lo up; fi
  if [ "$BOX_NET" = private ]; then
    ip netns add "wpbox-$n"; ip link add "sbx-${n:0:10}" type veth peer name eth0 netns "wpbox-$n"
    ip addr add "$(subnet "$n").1/30" dev "sbx-${n:0:10}"; ip link set "sbx-${n:0:10}" up
    ip -n "wpbox-$n" addr add "$(subnet "$n").2/30" dev eth0; ip -n "wpbox-$n" link set eth0 up
    ip -n "wpbox-$n" link set lo up
  fi
  setsid "$SELF" __supervise "$S" "$n" </dev/null >"$S/log" 2>&1 & echo $! > "$S/sup.pid"
  wait_up "$n"; }
cmd_user() { local n=$1; shift
  in_box "$n" systemd-run -q --pipe --wait --collect --uid="$BOX_USER" --gid="$BOX_USER" -p PAMName=login \
    -p WorkingDirectory='~' -E LANG=C.UTF-8 -- "${@//\$/\$\$}"; }
home_of() { in_box "$1" getent passwd "$BOX_USER" | cut -d: -f6; }
cmd_userbare() { local n=$1; shift
  in_box "$n" setpriv --reuid="$BOX_UID" --regid="$BOX_UID" --init-groups env -i -C "$(home_of "$n")" HOME="$(home_of "$n")" USER="$BOX_USER" PATH=/usr/local/bin:/usr/bin:/bin "$@"; }
cmd_net() { local n=$1; shift; nsenter --net="/run/netns/wpbox-$n" -- "$@"; }
cmd_adduser() { local n=$1 h=${4:-/home/$2}
  in_box "$n" sh -euc 'mkdir -p "$(dirname "$3")"; useradd -m -d "$3" -s /bin/bash -u "$2" "$1"' _ "$2" "$3" "$h"; }
cmd_put() { # through the box's own view where it runs: an overlay must not change below a mount
  local n=$1 S="$BOX_STATE/$1" src=$2 dst=$3
  if initpid "$n" >/dev/null 2>&1; then in_box "$n" sh -euc 'mkdir -p "$(dirname "$1")"; cat > "$1.part"; chmod 755 "$1.part"; mv "$1.part" "$1"' _ "$dst" < "$src"
  else mkdir -p "$S/disk/up/$(dirname "$dst")"; install -m 755 "$src" "$S/disk/up/$dst"; fi; }
cmd_root() { local n=$1; shift; in_box "$n" "$@"; }
cmd_push() { local n=$1 src=$2 dst=$3
  tar -C "$(dirname "$src")" -cf - "$(basename "$src")" | in_box "$n" sh -euc '
    d=$(mktemp -d /var/tmp/push.XXXXXX); tar -C "$d" --no-same-owner -xf -; mkdir -p "$(dirname "$1")"; rm -rf "$1"; mv "$d"/* "$1"; rmdir "$d"; chown -R "$2:" "$1"' _ "$dst" "$BOX_USER"; }
cmd_reboot() { local old; old=$(initpid "$1"); in_box "$1" systemctl reboot || true; wait_up "$1" "$old"; }
cmd_crash() { local old; old=$(initpid "$1"); : > "$BOX_STATE/$1/again"; kill -9 "$old"; wait_up "$1" "$old"; }
cmd_down() { local n=$1 S="$BOX_STATE/$1" p i C; [ -d "$S" ] || return 0
  p=$(cat "$S/sup.pid" 2>/dev/null || true)
  if [ -n "$p" ] && kill -0 "$p" 2>/dev/null; then
    in_box "$n" systemctl poweroff 2>/dev/null || true
    for i in $(seq 100); do kill -0 "$p" 2>/dev/null || break; sleep .1; done
    if kill -0 "$p" 2>/dev/null; then i=$(pgrep -P "$p" -x unshare || true); kill -9 "$p" 2>/dev/null || true; [ -n "$i" ] && kill -9 "$i" 2>/dev/null || true; fi
  fi
  mountpoint -q "$S/disk" && umount -l "$S/disk"
  C=$(cg2)/wpbox-$n; for i in $(seq 20); do [ -d "$C" ] || break; find "$C" -depth -type d -exec rmdir {} \; 2>/dev/null || true; [ -d "$C" ] && sleep .1; done
  ip link del "sbx-${n:0:10}" 2>/dev/null || true; ip netns del "wpbox-$n" 2>/dev/null || true
  rm -rf --one-file-system "$S"; rmdir "$BOX_STATE" 2>/dev/null || true; }
cmd_run() { local r=$1 n="run$$" rc=0; shift; trap 'cmd_down '"$n" EXIT; cmd_up "$r" "$n"; cmd_user "$n" "$@" || rc=$?
  trap - EXIT; cmd_down "$n"; return $rc; }
cmd_selftest() { local r=$1 n="st$$" f pid1 pid2
  say() { printf '%s %s\n' "$(date +%T.%N | cut -c1-12)" "$*"; }
  trap 'cmd_down '"$n" EXIT; say "up"; cmd_up "$r" "$n"; say "up: $(cmd_root "$n" systemctl is-system-running) $(cmd_root "$n" systemctl --version | head -1)"
  f=$(mktemp); cat > "$f" <<'U'
[Unit]
Description=systemd-box sample
[Service]
ExecStart=/bin/sh -c 'echo sample-started; exec sleep 100000'
Restart=always
RestartSec=1
[Install]
WantedBy=default.target
U
  chmod 644 "$f"; cmd_user "$n" mkdir -p "/home/$BOX_USER/.config/systemd/user"; cmd_push "$n" "$f" "/home/$BOX_USER/.config/systemd/user/sample.service"; rm -f "$f"
  cmd_user "$n" sh -euc 'systemctl --user daemon-reload; systemctl --user enable --now sample 2>&1; systemctl --user is-active sample; systemctl --user status --no-pager sample | head -3'
  if cmd_user "$n" loginctl enable-linger; then say "linger: by the user (polkitd present)"; else
    say "linger: refused to the user (no polkitd), root does it"; cmd_root "$n" loginctl enable-linger "$BOX_USER"; fi
  pid1=$(cmd_user "$n" systemctl --user show -p MainPID --value sample); cmd_root "$n" kill -9 "$pid1"; sleep 1.6
  pid2=$(cmd_user "$n" systemctl --user show -p MainPID --value sample); say "kill -9: $pid1 -> $pid2, $(cmd_user "$n" systemctl --user show -p NRestarts sample)"
  [ "$pid2" -gt 0 ] && [ "$pid1" != "$pid2" ]
  cmd_user "$n" systemctl --user restart sample; say "restart: $(cmd_user "$n" systemctl --user is-active sample)"
  sleep 11; cmd_root "$n" pgrep -f 'sleep 100000' >/dev/null; say "still running 11 s after logout (linger)"
  cmd_reboot "$n"; say "rebooted"
  local i; for i in $(seq 50); do cmd_root "$n" pgrep -f 'sleep 100000' >/dev/null && break; sleep .1; done
  cmd_root "$n" pgrep -u "$BOX_USER" -f 'sleep 100000' >/dev/null; say "service is back with nobody logged in: $(cmd_root "$n" loginctl --no-legend list-sessions | wc -l) sessions"
  cmd_crash "$n"; for i in $(seq 50); do cmd_root "$n" pgrep -f 'sleep 100000' >/dev/null && break; sleep .1; done
  cmd_root "$n" pgrep -u "$BOX_USER" -f 'sleep 100000' >/dev/null; say "and after a power cut"
  say "journalctl --user boots: $(cmd_user "$n" journalctl --user -q --no-pager -u sample -o cat | grep -c '^sample-started')  start lines over 3 boots"
  trap - EXIT; cmd_down "$n"; say "down; PASS"; }
c=${1:-}; shift || true
case $c in
  __init) mount_root "$@";; __supervise) supervise "$@";;
  build|check|ip|up|user|userbare|root|net|adduser|put|push|reboot|crash|down|run|selftest) "cmd_$c" "$@";;
  *) awk 'NR>1{if(!/^#/)exit; sub(/^# ?/,""); print}' "$SELF"; exit 2;;
esac

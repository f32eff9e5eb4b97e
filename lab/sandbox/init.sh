#!/bin/sh
# Prepares the lab's own mount, network and PID namespaces, then supervises its services as their PID 1.
# usage: init.sh DATA_FOLDER   (run by: unshare --net --mount --pid --fork)
set -eu
data=$1

# What kubelet mounts must reach its containers, and nothing outside the lab.
mount --make-rshared /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/netns /run/overlay/upper /run/overlay/work

# Paths below /var that Kubernetes does not let us choose (/var/lib/cni, /var/log/containers) stay in the lab.
mount -t overlay -o lowerdir=/var,upperdir=/run/overlay/upper,workdir=/run/overlay/work overlay /var

# A link (as systemd-resolved makes it) cannot be mounted over: its target is.
mount --bind "$data/resolv.conf" "$(readlink -f /etc/resolv.conf)"
ip link set lo up

# Marks the namespaces as prepared; removed with /run.
touch /run/frota-ready
exec tini -s -- runsvdir -P "$data/services"

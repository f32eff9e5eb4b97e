#!/bin/sh
# Makes a stand-in for Docker's `node` image out of Debian packages and a Node from the npm registry, as an image in
# buildah's storage. Runs below private.sh; a run that was killed leaves nothing that the next one trips over.
# From the environment:
#   BUILDAH              buildah with its storage options
#   SUITE MIRROR         Debian release, and mirror (may be empty: debootstrap's own)
#   INCLUDE              packages beside the minimal system, with commas
#   DEBS                 folder that keeps downloaded packages
#   SOURCES NODE NPM     an apt sources file (may be empty); unpacked npm packages of node and npm
#   NODE_VERSION KEY TAG what goes into the image, and its name
set -eu
container=$($BUILDAH from scratch)
root=$($BUILDAH mount "$container")
debootstrap --variant=minbase --cache-dir="$DEBS" --include="$INCLUDE" "$SUITE" "$root" ${MIRROR:+"$MIRROR"}
if [ -n "$SOURCES" ]; then cp "$SOURCES" "$root/etc/apt/sources.list"; fi

# As in Docker's image: node and npm below /usr/local, a user `node` with id 1000.
install -m 0755 "$NODE/bin/node" "$root/usr/local/bin/node"
ln -s node "$root/usr/local/bin/nodejs"
mkdir -p "$root/usr/local/lib/node_modules"
cp -R "$NPM" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
chroot "$root" groupadd --gid 1000 node
chroot "$root" useradd --uid 1000 --gid node --shell /bin/bash --create-home node

rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/tmp/* \
  "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/*
$BUILDAH config --env "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
  --env "NODE_VERSION=$NODE_VERSION" --label dev.frota.base.substitute=true --label "dev.frota.base.key=$KEY" \
  --cmd node "$container"
$BUILDAH commit --quiet --rm "$container" "$TAG"

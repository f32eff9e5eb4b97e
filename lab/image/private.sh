#!/bin/sh
# Runs a command with what image builds need, all of it in the mount namespace that this script was started in: it is
# gone with the last process, however that ends.
#   private.sh FOLDER COMMAND...      standard input: a registry authentication file, or nothing
# FOLDER/private becomes a memory file system with run/ (buildah's run root), auth.json, and ca/ca.crt where
# NODE_EXTRA_CA_CERTS names a file. FOLDER/blobs stands in for /var/lib/containers, where buildah keeps what it knows of
# blobs whatever storage it is told to use.
set -eu
folder=$1
shift
umask 077
mkdir -p "$folder/private" "$folder/blobs" /var/lib/containers
mount -t tmpfs -o mode=0700 tmpfs "$folder/private"
mount --bind "$folder/blobs" /var/lib/containers
mkdir "$folder/private/run" "$folder/private/ca"
cat > "$folder/private/auth.json"
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r "$NODE_EXTRA_CA_CERTS" ]; then
  cp "$NODE_EXTRA_CA_CERTS" "$folder/private/ca/ca.crt"
  chmod -R a+rX "$folder/private/ca"
fi
umask 022
exec "$@" < /dev/null

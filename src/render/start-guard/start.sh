#!/bin/sh
# Starts the gateway as the only one on its volume: takes the kernel lock, runs the start guard, becomes the gateway.
# The lock lives on file descriptor 9. `exec` hands it to the gateway, Node closes it in whatever it starts, and the
# kernel frees it at any kind of death.
set -eu

state=${FROTA_STATE:-/root/.openclaw}
guard=$(dirname "$0")
lock=$state/.frota/lock

fail() {
  printf 'frota refused to start OpenClaw: %s\nnext: %s\n' "$1" "$2" | tee "${FROTA_TERMINATION_LOG:-/dev/termination-log}" >&2
  exit 74
}

[ ! -L "$state/.frota" ] || fail "$state/.frota is a link [VOLUME_LOCK]" "remove the link from the volume"
{ mkdir -p -m 0700 "$state/.frota" && true >>"$lock"; } || fail \
  "the volume lock $lock cannot be written (see the line above) [VOLUME_LOCK]" \
  "if the volume is full, raise spec.storage.size in agent.yaml and apply"

exec 9>>"$lock"
if ! flock --nonblock 9; then
  echo "frota: another gateway still runs on this volume; waiting until it has exited"
  flock 9
  echo "frota: the volume is free"
fi

node --disable-warning=ExperimentalWarning "$guard/start-guard.mjs"
exec openclaw gateway run --port 18789 --bind lan

# The project's own tools: which versions, where they are, and what makes them quiet. Sourced by every bash script here.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# CI keeps the tools outside the checkout, so that a fresh clone does not compile them again.
TOOLS=${SLUICE_TOOLS:-$ROOT/.tools}

# The version that Cargo.lock holds for a crate.
locked() { awk -v want="name = \"$1\"" '$0 == want { getline; gsub(/[^0-9.]/, ""); print; exit }' "$ROOT/Cargo.lock"; }

# The runner of the wasm tests must be of the crate's version, so the lock file decides.
# npm's versions are in package.json, Python's in scripts/requirements.txt.
WASM_BINDGEN_VERSION=$(locked wasm-bindgen)
CARGO_DENY_VERSION=0.20.2
SCHEMATHESIS_VERSION=$(sed -n 's/^schemathesis==//p' "$ROOT/scripts/requirements.txt")

WASM_BINDGEN_DIR=$TOOLS/wasm-bindgen-cli-$WASM_BINDGEN_VERSION
CARGO_DENY_DIR=$TOOLS/cargo-deny-$CARGO_DENY_VERSION
SCHEMATHESIS_DIR=$TOOLS/schemathesis-$SCHEMATHESIS_VERSION

# node_modules/.bin comes first: wrangler needs a newer Node than many machines have, and npm brought one.
export PATH="$ROOT/node_modules/.bin:$WASM_BINDGEN_DIR/bin:$CARGO_DENY_DIR/bin:$SCHEMATHESIS_DIR/bin:$PATH"

export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$WASM_BINDGEN_DIR/bin/wasm-bindgen-test-runner

# No telemetry, no update check, no look-up of this machine's place on the map.
export WRANGLER_SEND_METRICS=false WRANGLER_HIDE_BANNER=true CLOUDFLARE_CF_FETCH_ENABLED=false

say() { printf '\033[1m▸ %s\033[0m\n' "$*" >&2; }
die() { printf '\033[31m%s\033[0m\n' "$*" >&2; exit 1; }

# Holds a lock file until this script ends, whatever ends it: the system gives it up with the last open descriptor.
hold_lock() { # file, what is waited for
  mkdir -p "$(dirname "$1")"
  exec 9>"$1"
  if command -v flock >/dev/null; then
    flock -n 9 || { say "waiting for another $2 to finish"; flock 9; }
  else
    perl -e 'use Fcntl ":flock"; open(my $lock, ">&=", 9) && flock($lock, LOCK_EX) or die "lock: $!"'
  fi
}

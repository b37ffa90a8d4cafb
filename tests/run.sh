#!/usr/bin/env bash
# Builds everything without a warning and runs the tests: unit, component and end to end in a real Chromium.
# With --all also those that take long (every fault at every call, kills, generated input, published forms, every page in both
# themes): run it before a release. Other arguments go to each test program (--filter-class '*.ModelTests').
# The last line says how many tests passed, failed and were skipped, counted from the result files.
set -euo pipefail
cd "$(dirname "$0")/.."

which=(--filter-not-trait Suite=All)
if [ "${1:-}" = --all ]; then
  which=()
  shift
fi

find_chromium() {
  if [ -n "${ADMINPORTAL_CHROMIUM:-}" ]; then
    [ -x "$ADMINPORTAL_CHROMIUM" ]
    return
  fi
  for candidate in /usr/bin/chromium-headless-shell /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    [ -x "$candidate" ] && return 0
  done
  return 1
}

if ! find_chromium; then
  if command -v apt-get > /dev/null; then
    echo "Installing Chromium for the browser tests."
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    # The build without a window asks half as much of the processors; not every distribution has it by itself.
    package=chromium
    apt-cache show chromium-headless-shell > /dev/null 2>&1 && package=chromium-headless-shell
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" > /dev/null
  else
    echo "The browser tests need Chromium. Install it, or name its executable in ADMINPORTAL_CHROMIUM." >&2
    exit 1
  fi
fi

results="$PWD/artifacts/test-results"
rm -rf "$results"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
# A third less work: counting how code is used pays for programs that live longer than those of tests.
export DOTNET_TieredPGO=0

dotnet build AdminPortal.sln

status=0
bash tests/packages.sh || status=1

test_project() {
  local name
  name=$(basename "$1")
  # A test that hangs is named and ended, so that the run always comes to its last line.
  dotnet test --project "$1" --no-build --results-directory "$results" --report-trx --report-trx-filename "$name.trx" \
    --hangdump --hangdump-timeout 5m --hangdump-type None --no-progress --ignore-exit-code 8 "${which[@]}" "${@:2}"
}

# What needs no browser beside one another, since each leaves time of the processors to the others; the browser tests by themselves.
mkdir -p "$results"
beside=()
for project in tests/*.Tests; do
  [ "$project" = tests/AdminPortal.EndToEnd.Tests ] && continue
  test_project "$project" "$@" > "$results/$(basename "$project").log" 2>&1 &
  beside+=($!)
done
for process in "${beside[@]}"; do wait "$process" || status=1; done
cat "$results"/*.log
test_project tests/AdminPortal.EndToEnd.Tests "$@" || status=1

# Each result file has one <Counters total="…" passed="…" failed="…" notExecuted="…"> element.
count() {
  sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$results"/*.trx 2> /dev/null | awk '{ sum += $1 } END { print sum + 0 }'
}
total=$(count total)
passed=$(count passed)
failed=$(count failed)
skipped=$((total - passed - failed))

expected=$(ls -d tests/*.Tests | wc -l)
written=$(ls "$results"/*.trx 2> /dev/null | wc -l)
if [ "$written" -ne "$expected" ]; then
  echo "Only $written of $expected test projects have written results." >&2
  status=1
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || status=1

echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"

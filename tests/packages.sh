#!/usr/bin/env bash
# Fails when a package that the solution uses, directly or by another, has a known vulnerability.
#
# It is a step of its own and not NuGetAudit in every build: an old commit has to build on the day after an advisory, and
# without the internet. A feed that has no list of vulnerabilities is not told from one whose list is empty, by NuGet neither:
# it then says that nothing is vulnerable. So the feeds are asked first whether they have one, and where none has, or none
# answers, this says that nothing was checked and does not fail.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

has_list() {
  local feed
  for feed in $(dotnet nuget list source --format short | sed -n 's/^E[^ ]* \(https\{0,1\}:.*\)$/\1/p'); do
    curl --fail --silent --location --max-time 20 "$feed" 2> /dev/null | grep --quiet 'VulnerabilityInfo/' && return 0
  done
  return 1
}

if ! command -v curl > /dev/null || ! has_list; then
  echo "Packages: not checked for known vulnerabilities; no feed with a list of them was reached."
  exit 0
fi

report=$(dotnet list AdminPortal.sln package --vulnerable --include-transitive --format json)
if grep --quiet '"vulnerabilities"' <<< "$report"; then
  dotnet list AdminPortal.sln package --vulnerable --include-transitive >&2
  echo "Packages: some have known vulnerabilities; they stand above. Raise their versions in Directory.Packages.props." >&2
  exit 1
fi
echo "Packages: none has a known vulnerability."

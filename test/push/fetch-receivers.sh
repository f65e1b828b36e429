#!/usr/bin/env bash
# Puts a real receiver of OTLP into .build/receivers, for the tests that push to one: VictoriaMetrics, a package of
# Debian 13 from the mirror that this machine uses, unpacked and not installed. (Debian's Prometheus is built without
# its receiver.) Where it cannot be had this says so in a line, and those tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."

release=trixie
package=victoria-metrics
target=.build/receivers
program=$target/usr/bin/victoria-metrics
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

without() {
  echo "No real receiver of OTLP to test with: $1" >&2
  exit 0
}

[[ ! -x "$program" ]] || exit 0

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || without 'this is no Debian'
[[ -r "$keyring" ]] || without "$keyring is missing"
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
  sed -n '/^Debian Debian /{s///p;q}') || true
[[ -n "$mirror" ]] || without 'apt knows no mirror of Debian; run apt-get update'

# Sources, lists and downloads of its own: what apt knows on this machine stays as it is.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sources" "$work/lists/partial" "$work/archives/partial" "$work/packages"
echo "deb [signed-by=$keyring] $mirror $release main" >"$work/sources/release.list"
apt=(apt-get -qq
  -o Dir::Etc::SourceList=/dev/null
  -o Dir::Etc::SourceParts="$work/sources"
  -o Dir::State::Lists="$work/lists"
  -o Dir::Cache::Archives="$work/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
  -o Acquire::Retries=3 -o APT::Sandbox::User=)
"${apt[@]}" update 2>"$work/said" || without "$release could not be read: $(tail -n 1 "$work/said")"
(cd "$work/packages" && "${apt[@]}" download "$package" 2>"$work/said") ||
  without "$package could not be fetched: $(tail -n 1 "$work/said")"

rm -rf "$target"
mkdir -p "$target"
dpkg-deb --extract "$work"/packages/*.deb "$target"
"$program" --version >/dev/null 2>&1 || {
  rm -rf "$target"
  without "$package of $release does not run here"
}

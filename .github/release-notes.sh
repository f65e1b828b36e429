#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version; fails when that is nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

notes=$(awk -v version="$1" '/^## / { found = $2 == version; next } found' "${2:-CHANGELOG.md}")
[[ "$notes" =~ [^[:space:]] ]] || {
  echo "CHANGELOG.md has no section ## $1" >&2
  exit 1
}
echo "$notes"

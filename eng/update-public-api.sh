#!/usr/bin/env bash
# Brings src/*/PublicAPI.Unshipped.txt in line with the code: adds what is new, removes what is gone. Read the diff before you commit it.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in src/*/*.csproj; do
  folder=$(dirname "$project")
  file="$folder/PublicAPI.Unshipped.txt"
  dotnet build "$project" --no-incremental -p:TreatWarningsAsErrors=false -p:RunAnalyzers=true -nologo -clp:NoSummary >"$log" 2>&1 || { grep -E 'error' "$log" | sort -u | head -20; exit 1; }
  here="$(pwd)/$folder/"
  { grep -F "$here" "$log" || true; } | sed -nE "s/.*RS0016: Symbol '(.*)' is not part of the declared public API.*/\1/p" | sort -u >"$log.add"
  { grep -F "$here" "$log" || true; } | sed -nE "s/.*RS0017: Symbol '(.*)' is part of the declared API, but.*/\1/p" | sort -u >"$log.del"
  { echo '#nullable enable'; { grep -v '^#nullable' "$file" || true; cat "$log.add"; } | sed '/^$/d' | { grep -vxFf "$log.del" || true; } | LC_ALL=C sort -u; } >"$log.new"
  cp "$log.new" "$file"
  echo "$folder: +$(wc -l <"$log.add") -$(wc -l <"$log.del")"
  rm -f "$log".add "$log".del "$log".new
done

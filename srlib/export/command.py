"""The command `export`."""

import argparse

from srlib.arguments import path

ABOUT = "Write a trained model as an ONNX file, for programs without PyTorch"
EXAMPLES = """\
examples:
  beside the weights
    {program} weights.safetensors
  elsewhere
    {program} results/models/vdsr/seed0/weights.safetensors --output vdsr.onnx

The file takes `lr`, float32 (n, 1, h, w) in [0, 1], for any n, h and w, and gives `sr`, (n, 1, scale h,
scale w), to be clamped to [0, 1]. Its metadata says what LR pictures it was trained for, and what it was
made of. What it restores is estimated, not measured: not for diagnosis."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """State the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES.format(program=parser.prog)
    parser.add_argument(
        "weights", type=path, metavar="WEIGHTS", help="weights.safetensors of a model trained here"
    )
    parser.add_argument(
        "--output", type=path, metavar="FILE", help="the ONNX file; default: WEIGHTS, ending in .onnx"
    )


def run(arguments: argparse.Namespace) -> int:
    """Export. Raises InputError for what stops it."""
    from srlib.export import convert  # here, because torch takes long to import

    output, difference = convert.export(arguments.weights, arguments.output)
    print(f"{output}: onnxruntime's pictures are within {difference:.1e} of PyTorch's")
    return 0

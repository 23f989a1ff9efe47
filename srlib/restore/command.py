"""The command `restore`."""

import argparse

from srlib.arguments import path

ABOUT = "Restore your own X-rays with a trained model"
EXAMPLES = """\
examples:
  one picture
    {program} --weights weights.safetensors chest.png --output restored
  folders of PNG, JPEG, TIFF and DICOM files, at any depth, with a page to compare input and output
    {program} --weights weights.safetensors scans more/scans --output restored --viewer
  what is in `restored` already stays, so the same command goes on where it was stopped; all of it anew
    {program} --weights weights.safetensors scans --output restored --force
  DICOM without what tells of the patient
    {program} --weights weights.safetensors study --output restored --anonymise
  little memory
    {program} --weights weights.safetensors large.tif --output restored --device cpu --tile 128

Each picture becomes a file of its own name, kind and bits (8 or 16), `scale` times as large. Its metadata
says how it was made. Restored detail is estimated, not measured: not for diagnosis."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """State the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES.format(program=parser.prog)
    parser.add_argument(
        "inputs", type=path, nargs="+", metavar="INPUT", help="a picture, or a folder of them"
    )
    parser.add_argument(
        "--weights",
        type=path,
        required=True,
        metavar="FILE",
        help="weights.safetensors of a model that was trained here",
    )
    parser.add_argument(
        "--output", type=path, required=True, metavar="FOLDER", help="where the restored pictures go"
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="default: auto")
    parser.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        help="of the convolutions, for pictures of 8 bits; bfloat16 is faster, and within a gray level; "
        "default: bfloat16 on a GPU, float32 on a CPU",
    )
    parser.add_argument(
        "--tile",
        type=_side,
        metavar="PIXELS",
        help="side of the pieces in which a picture goes through the network; the result is the same",
    )
    parser.add_argument("--force", action="store_true", help="make anew what is there already")
    parser.add_argument(
        "--viewer", action="store_true", help="write viewer.html: input and output side by side"
    )
    parser.add_argument(
        "--anonymise",
        action="store_true",
        help="leave out what tells of the patient in DICOM files; their names and pictures stay as they are",
    )


def _side(text: str) -> int:
    if not text.isdecimal() or int(text) < 16:
        raise argparse.ArgumentTypeError(f"{text}: a whole number of pixels, 16 or more")
    return int(text)


def _usual(device: str) -> str:
    return "bfloat16" if device == "cuda" else "float32"


def run(arguments: argparse.Namespace) -> int:
    """Restore; the exit code says whether all went well. Raises InputError for what stops it before that."""
    from srlib import device as devices  # here, because torch takes long to import
    from srlib.restore import files, model, plan, view

    jobs = plan.plan(arguments.inputs, arguments.output)
    kept = {job.output for job in jobs if job.output.is_file() and not arguments.force}
    todo = [job for job in jobs if job.output not in kept]
    if kept:
        print(f"{len(kept)} of {len(jobs)} are in {arguments.output} already; --force makes them anew")
    if arguments.anonymise:
        from srlib.restore import dicom_profile

        dicom_profile.require(kept)
    precision = arguments.precision or _usual(devices.choose(arguments.device).type)
    chosen = model.load(arguments.weights, arguments.device, precision)
    faults = files.restore(todo, chosen, tile=arguments.tile, anonymise=arguments.anonymise)
    if arguments.viewer:
        pairs = [(job.source, job.output) for job in jobs if job.output.is_file()]
        view.write_viewer(pairs, arguments.output / "viewer.html")
    return 1 if faults else 0

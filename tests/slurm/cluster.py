"""Starting the one-node cluster, and restarting what is missing in it."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parent / "one-node-slurm.sh"


def start_cluster(folder: Path) -> None:
    """Bring up the cluster in this folder, with 8 CPUs and one GPU on its books."""
    environment = os.environ | {"ONE_CPUS": "8", "ONE_GPUS": "1"}
    subprocess.run([SCRIPT, "start", folder], env=environment, check=True)

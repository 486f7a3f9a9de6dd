"""The package and its command line answer at once: heavy libraries load when they are needed."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "triton", "sqlalchemy", "streamlit")


@pytest.mark.parametrize(
    "arguments",
    [("-c", "import breeder"), ("-m", "breeder", "--help"), ("-c", "import breeder.lab")],
)
def test_nothing_heavy_is_loaded(arguments: tuple[str, ...]):
    # -X importtime names every module on stderr as it loads: "import time: self | total | name".
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    timings = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    errors = [line for line in done.stderr.splitlines() if line not in timings]
    assert done.returncode == 0, "\n".join(errors)
    loaded = {line.rpartition("|")[2].strip() for line in timings}
    assert "breeder" in loaded
    assert not loaded.intersection(HEAVY)

"""The key that the embedded default makes for itself."""

import os
import stat
import subprocess
import sys

SHOW = "from leadflow.settings import SECRET_KEY; print(SECRET_KEY)"


def test_processes_that_start_together_share_one_key_that_only_its_owner_reads(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    environment |= {"LEADFLOW_DATA_DIR": str(tmp_path)}
    together = [
        subprocess.Popen([sys.executable, "-c", SHOW], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]

    keys = {one.communicate()[0].strip() for one in together}

    assert len(keys) == 1
    assert len(keys.pop()) == 50
    assert [one.name for one in tmp_path.glob("secret*")] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600

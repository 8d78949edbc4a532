"""What a web process does before its first request."""

import subprocess
import sys

SHOW = """
import gc, sys
import leadflow.wsgi
print("accounts.views" in sys.modules, "reports.views" in sys.modules, gc.get_freeze_count() > 100_000)
"""


def test_a_web_process_has_its_pages_loaded_and_out_of_the_collectors_way(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={"LEADFLOW_DATA_DIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["True", "True", "True"]

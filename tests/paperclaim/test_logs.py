from __future__ import annotations

import subprocess
import sys

_SAID = """
import logging
from paperclaim import logs

logs.set_up()
try:
    int("DOE, JANE Q")
except ValueError as error:
    try:
        raise KeyError("DOE, JANE Q") from error
    except KeyError:
        logging.getLogger("rq.worker").error("quitting", exc_info=True)
logging.getLogger("uvicorn.error").warning("two\\nlines")
"""


def test_an_exception_that_a_library_logs_is_one_line_without_its_words() -> None:
    call = [sys.executable, "-c", _SAID]
    said = subprocess.run(call, capture_output=True, text=True, check=True).stderr
    first, second = said.splitlines()
    assert first.endswith(" rq.worker ERROR quitting | KeyError at /<string>:10")
    assert second.endswith(" uvicorn.error WARNING two | lines")
    assert "JANE" not in said

"""`python app` (in an installation `python -m nl2opt._app`) -> the assistant's page, for this machine only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

OPTIONS: Final = {
    "server.address": "localhost",
    "server.maxUploadSize": "10",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "theme.primaryColor": "#1f6f5c",
    "theme.baseRadius": "8px",
    "theme.codeFontSize": "0.82rem",
}
"""Further arguments, such as `--server.port=8600`, come after these and win."""


def main() -> None:
    """Starts Streamlit on the page beside this file."""
    try:
        from streamlit.web.cli import main as streamlit
    except ImportError:
        sys.exit("the page needs Streamlit: pip install 'nl2opt[app]'")
    page = Path(__file__).resolve().with_name("main.py")
    sys.argv = ["streamlit", "run", str(page), *(f"--{k}={v}" for k, v in OPTIONS.items()), *sys.argv[1:]]
    streamlit()


if __name__ == "__main__":
    main()

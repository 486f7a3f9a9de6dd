"""How the server is started."""

from __future__ import annotations

import socket

import pytest

from breeder.errors import BreederError
from breeder.ui.server import check_free


def test_a_port_in_use_is_refused_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BreederError, match=f"Port {port}.*--port"):
            check_free("127.0.0.1", port)
    check_free("127.0.0.1", port)

"""How every command ends: its exit status, and errors on one line."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from breeder.cli.output import one_line
from breeder.errors import BreederError

FAILED = 1
MISUSED = 2
CANCELLED = 130
TERMINATED = 143
"""What shells report for a program ended by Ctrl-C, or told to end: 128 and the signal."""


class CommandLine(TyperGroup):
    """The group of all commands."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and end the process with its exit status."""
        status: object
        try:
            with _obeying_sigterm():
                status = super().main(
                    args, prog_name, complete_var, False, windows_expand_args, **extra
                )
        except (KeyboardInterrupt, typer.Abort):
            status = CANCELLED
        except TerminatedError:
            status = _complain("told to end.", TERMINATED)
        except BreederError as error:
            status = _complain(str(error), FAILED)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            status = _complain(f"{where}{error.strerror or type(error).__name__}", FAILED)
        except Exception as error:
            # Typer has brought its own copy of Click since 0.26: the class has no stable address.
            if not hasattr(error, "format_message"):
                raise
            status = _complain(_usage(error), MISUSED)
        if status == CANCELLED:
            _complain("cancelled.", CANCELLED)
        sys.exit(status if isinstance(status, int) else 0)


class TerminatedError(BaseException):
    """The process was told to end; no handler of ordinary errors may take it for one."""


@contextmanager
def _obeying_sigterm() -> Iterator[None]:
    """End the block by an error when the process is told to end, so that it can clear up."""

    def terminate(number: int, frame: object) -> None:
        raise TerminatedError

    if threading.current_thread() is not threading.main_thread():  # others hear no signals
        yield
        return
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _complain(message: str, status: int) -> int:
    print(f"breeder: {one_line(message)}", file=sys.stderr)
    return status


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "breeder"
    return f"{one_line(error.format_message()).rstrip('.')}; see '{path} --help'."

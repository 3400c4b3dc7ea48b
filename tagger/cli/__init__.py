"""The command line: one thin module a command, heavy imports only when a command runs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    import click

# name: (module, attribute). Modules are imported when their command is asked for, so that --help stays fast.
COMMANDS = {
    "tag": "tagger.cli.tag",
    "explain": "tagger.cli.explain",
    "review": "tagger.cli.review",
    "serve": "tagger.cli.serve",
    "store": "tagger.cli.store",
    "report": "tagger.cli.report",
    "train": "tagger.cli.train",
    "evaluate": "tagger.cli.evaluate",
    "retrain": "tagger.cli.retrain",
    "models": "tagger.cli.models",
    "diff": "tagger.cli.diff",
    "doctor": "tagger.cli.doctor",
    "next": "tagger.cli.next",
    "simulate": "tagger.cli.simulate",
    "estimate": "tagger.cli.estimate",
    "rules": "tagger.cli.rules",
    "corpus": "tagger.cli.corpus",
    "codebook": "tagger.cli.codebook",
}


class LazyGroup(TyperGroup):
    """A command group that imports a command's module when it is first needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` name; what is none of ours is told with what may have been meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib
            from pathlib import Path

            near = difflib.get_close_matches(args[0], COMMANDS)
            hint = f" Did you mean `tagger tag {args[0]}`?" if Path(args[0]).exists() else f" Did you mean {' or '.join(near)}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint} Commands: {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; where standard output was closed (`tagger ... | head`: the reader has what it wanted), end quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            import os

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's own flush at the end does not fail again
            raise typer.Exit from None


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and end."),
) -> None:
    """Code cases by economy and hybrid model of participation, and show why.

    Point `tagger tag` at a folder of articles, a CSV, a JSONL or a wiki dump. Exit status: 0 all done, 1 a check found faults, 2 something you can mend,
    3 done but some records were quarantined, 4 output could not be written, 5 a place elsewhere could not be reached, 130 stopped by Ctrl-C.
    """
    if version:
        from tagger import __version__

        typer.echo(f"tagger {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main() -> None:
    """Run the command line; errors of the tagger family become one message and an exit status."""
    run(app)


def run(act: Callable[[], object]) -> None:
    """Do `act`; end with one message and an exit status where a user can mend what went wrong: errors of the tagger family, and a machine that fails."""
    import errno

    from tagger.errors import OutputError, TaggerError

    failing = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EINTR, errno.ENOLCK, errno.EROFS, errno.ESTALE)
    try:
        act()
    except TaggerError as error:
        print(f"tagger: {printable(str(error))}", file=sys.stderr)
        sys.exit(error.exit_status)
    except OSError as error:
        if error.errno not in failing:
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(f"tagger: {printable(where)}the machine failed us ({error.strerror}); see to it, then give the command again", file=sys.stderr)
        sys.exit(OutputError.exit_status)


def printable(text: str) -> str:
    """Return `text` without control characters that a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)

"""Runs a client's commands one after the other, each as a process of its own that is forked off here.

The clients import for longer than they work. What they import is imported here once, without anything of theirs being
called; the program itself then starts in the fork, with the arguments, environment and files that it was given.

One line of JSON on stdin for each command: args, env, cwd, stdin, stdout, stderr (paths of files). One line of JSON on
stdout when it has ended: its exit code.
"""

import gc
import importlib
import json
import os
import runpy
import sys

PROGRAM = sys.argv[1]
IMPORTS = ["mirage.cli.main", "mirage.config", "mirage.cli.stream", "httpcore", "h11", "certifi", "rich.traceback"]


def become(command):
    """Makes this process the one that was asked for."""
    for descriptor, (path, flags) in enumerate(
        [
            (command["stdin"], os.O_RDONLY),
            (command["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (command["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ]
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", closefd=False)
    sys.stderr = open(2, "w", closefd=False)
    os.environ.clear()
    os.environ.update(command["env"])
    os.chdir(command["cwd"])
    sys.argv = [PROGRAM, *command["args"]]


def main():
    for name in IMPORTS:
        try:
            importlib.import_module(name)
        except ImportError:
            pass  # Not every version has all of them.
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
            return True
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
    return False


def run():
    """The program as Python runs one, but for taking everything apart at the end, which takes longer than the command."""
    try:
        runpy.run_path(PROGRAM, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit((code or 0) & 0xFF)


if main():
    run()

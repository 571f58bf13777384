"""Forks processes that move money until they are killed: ``python -m tests.faults.victim``.

Each line of its standard input is an order: ``{"do": "web", "stripe": "http://127.0.0.1:4711", "seed": 3}``. A process
of its own is forked for it, so that a hundred don't cost a hundred starts; none of them has a connection when it
begins. The answers are lines, too: ``{"pid": 7}``, then perhaps ``{"result": …}``, and at its death ``{"ended": -9}``.
"""

import importlib
import json
import os
import signal
import sys

import django

LONGEST = 150  # seconds that a process lives if nobody kills it, so that a broken test leaves none behind


def say(**words: object) -> None:
    os.write(1, (json.dumps(words) + "\n").encode())


def main() -> None:
    django.setup()
    deeds = importlib.import_module("tests.faults.deeds")  # models can be imported now
    deeds.warm_up()
    for line in sys.stdin:
        order, code = json.loads(line), 1
        pid = os.fork()
        if not pid:
            try:
                signal.alarm(LONGEST)
                say(result=deeds.do(**order))
                code = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stderr.flush()
                os._exit(code)
        say(pid=pid)
        say(ended=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()

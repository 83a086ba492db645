"""Runs a program on a terminal of its own and answers what is asked there.

Reads {"argv", "env", "columns", "steps": [{"wait", "send"}], "seconds"} as JSON from stdin; prints {"code", "output"}.
A step waits until its text has come since the step before, and then types."""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

task = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    # Before the program runs: it asks for the size when it likes.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, task["columns"], 0, 0))
    os.execve(task["argv"][0], task["argv"], task["env"])

output = b""
seen = 0
steps = task["steps"]
deadline = time.monotonic() + task["seconds"]
while True:
    wait = deadline - time.monotonic()
    if wait <= 0:
        os.kill(child, 9)
        break
    if not select.select([terminal], [], [], wait)[0]:
        continue
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # the program has ended
        break
    if not chunk:
        break
    output += chunk
    # crossterm asks where the cursor is before it draws a question.
    for _ in range(chunk.count(b"\x1b[6n")):
        os.write(terminal, b"\x1b[1;1R")
    while steps and steps[0]["wait"].encode() in output[seen:]:
        at = output.index(steps[0]["wait"].encode(), seen)
        seen = at + len(steps[0]["wait"].encode())
        time.sleep(0.05)  # the program draws first and reads then
        os.write(terminal, steps.pop(0)["send"].encode())

status = os.waitpid(child, 0)[1]
code = os.waitstatus_to_exitcode(status)
json.dump({"code": code, "output": output.decode(errors="replace"), "left": len(steps)}, sys.stdout)

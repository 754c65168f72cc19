# The public names of the package.
"""finrst decides how a TCP connection ends: FIN when the stream is complete, RST when it is not.

    with finrst.guard(sock) as g:
        sock.sendall(answer)            # returns: every byte, then end of file · raises, dies: a reset
    print(g.verdict)
"""

from ._asyncio import AsyncGuard, guard_transport, guard_writer
from ._capabilities import Capabilities, Capability
from ._guard import Finalised, Guard, guard
from ._verdict import Explanation, Verdict, explain

__version__ = "0.1.0"
__all__ = [
    "AsyncGuard",
    "Capabilities",
    "Capability",
    "Explanation",
    "Finalised",
    "Guard",
    "Verdict",
    "__version__",
    "explain",
    "guard",
    "guard_transport",
    "guard_writer",
]

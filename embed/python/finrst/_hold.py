# What every guard tells of its connection, whether its owner blocks or awaits.
"""The part of a guard that waits for nothing."""

from typing import Optional

from ._capabilities import Capabilities
from ._connection import Connection
from ._verdict import Verdict


class Hold:
    """What is so of a guarded connection now."""

    _connection: Connection
    _capabilities: Capabilities

    def set_linger(self, value: Optional[int]) -> None:
        """SO_LINGER in seconds on every platform; None: off. ValueError out of the platform's range. 0 arms."""
        self._connection.set_linger(value)

    @property
    def linger(self) -> Optional[int]:
        """SO_LINGER in seconds as the kernel has it; None: off. An armed connection has 0."""
        return self._connection.linger()

    def unsent(self) -> Optional[int]:
        """Bytes that the peer's stack has not acknowledged, those of a transport included; None: not known here or now."""
        return self._connection.unsent()

    @property
    def armed(self) -> bool:
        """Whether a reset follows if the process dies now."""
        return self._connection.armed

    @property
    def verdict(self) -> Optional[Verdict]:
        """How the connection ended; None as long as that is open."""
        return self._connection.verdict

    @property
    def capabilities(self) -> Capabilities:
        """What can really be done here, and why not."""
        return self._capabilities

"""How the operator is told something."""

from dataclasses import replace

from console.core.safety import safe
from console.core.state import Notice, Severity, State


def notified(state: State, text: str, severity: Severity = Severity.WARNING) -> State:
    """The state with a sentence for the operator."""
    number = state.notice.number + 1 if state.notice else 1
    return replace(state, notice=Notice(number, safe(text), severity))

"""The control room's two looks."""

from textual.theme import Theme

DARK = Theme(
    name="liveshop-dark",
    primary="#7aa2f7",
    secondary="#bb9af7",
    accent="#f7768e",
    success="#9ece6a",
    warning="#e0af68",
    error="#ff7a8b",
    foreground="#c8d0e8",
    background="#11131c",
    surface="#161925",
    panel="#1f2335",
    dark=True,
    variables={
        "ink-dim": "#7b84a8",
        "ink-accent": "#7dcfff",
        "cursor-row": "#2b3352",
        "cursor-row-resting": "#1d2236",
        "frame": "#2f354d",
        "footer-key-foreground": "#7dcfff",
        "footer-background": "#161925",
        "border": "#7aa2f7",
    },
)

LIGHT = Theme(
    name="liveshop-light",
    primary="#2e5cb8",
    secondary="#7847bd",
    accent="#b3224f",
    success="#2f6f1f",
    warning="#855500",
    error="#b3182d",
    foreground="#22273a",
    background="#f4f5fa",
    surface="#ffffff",
    panel="#e6e8f2",
    dark=False,
    variables={
        "ink-dim": "#626a85",
        "ink-accent": "#005f87",
        "cursor-row": "#cfdaf5",
        "cursor-row-resting": "#e6eaf5",
        "frame": "#c3c8da",
        "footer-key-foreground": "#005f87",
        "footer-background": "#e6e8f2",
        "border": "#2e5cb8",
    },
)

THEMES = (DARK, LIGHT)
"""In the order in which they take turns."""

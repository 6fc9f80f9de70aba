// Axes and numbers are part of what widgets take, so who uses them needs no second import.
@_exported public import Axes

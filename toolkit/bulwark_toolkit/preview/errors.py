"""What a preview raises. Each is one message for the person who wrote the program."""

from pulumi import RunError


class PreviewError(RunError):
    """The preview cannot go on."""


class UsageError(PreviewError):
    """The project, the stack file or the command line is wrong."""


class ProgramError(PreviewError):
    """The program raised; the message shows the frames of its own files only."""

"""Patches for machines: what is installed, when, in which order, and by when at the latest."""

from .spec import HookSpec, PatchExceptionSpec, PatchingSpec, WaveSpec

__all__ = ["HookSpec", "PatchExceptionSpec", "PatchingSpec", "WaveSpec"]

"""A picture appears whole or not at all, and never in the place of an original.

Everything is written under a hidden name beside its target and renamed into
place when it is complete, so that a full disk, an interrupt or a power cut
leaves what was there before (`postfocus.io.leftovers` clears up after a kill).
An output that is one of the inputs, by whatever name, link or spelling, is
refused even when overwriting is allowed.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from postfocus.errors import AlreadyThere, CannotWrite
from postfocus.io.leftovers import clear_leftovers, hidden_name

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL,
                  errno.EACCES}  # fmt: skip
_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
    errno.EACCES: "the folder may not be written to; choose another folder",
    errno.EPERM: "the folder may not be written to; choose another folder",
    errno.EROFS: "the folder is read-only; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EFBIG: "the file is larger than this disk's format allows; choose another disk",
    errno.EINVAL: "the name is not allowed on this disk; choose another one",
}


def display_name(path: Path | str) -> str:
    r"""Spell a path for a message, with newlines and other invisible characters made visible.

    >>> print(display_name("a\nb.jpg"))
    a\nb.jpg
    """
    return "".join(c if c.isprintable() or c == "\u200d" else _escaped(c) for c in str(path))


def cannot_write(target: Path, error: OSError) -> CannotWrite:
    """The plain sentence for what the system refused."""
    why = _REASONS.get(error.errno or 0)
    if why is None:
        why = f"{(error.strerror or str(error) or 'unknown reason').lower()}; choose another folder or name"
    return CannotWrite(f"{display_name(target)} cannot be written: {why}.")


@contextmanager
def atomic_path(target: Path, *, overwrite: bool = False, inputs: Sequence[Path] = ()) -> Generator[Path]:
    """Write one file whole or not at all.

    Parameters
    ----------
    target
        The file to appear.
    overwrite
        Whether a file of that name may be replaced.
    inputs
        Files that must never be replaced.

    Yields
    ------
    Path
        An empty file in the same folder with the same extension, renamed to `target` when the block
        ends and removed when it fails.

    Raises
    ------
    CannotWrite
        When `target` is an input, a folder, or taken; when its folder is missing or not writable; or
        when the system refuses (no space, no permission).
    """
    with atomic_paths([target], overwrite=overwrite, inputs=inputs) as parts:
        yield parts[0]


@contextmanager
def atomic_paths(
    targets: Sequence[Path], *, overwrite: bool = False, inputs: Sequence[Path] = ()
) -> Generator[list[Path]]:
    """Write several files that belong together: all appear or none. See `atomic_path`."""
    parts: list[Path] = []
    at = targets[0]
    try:
        for at in targets:
            check_target(at, overwrite=overwrite, inputs=inputs)
            clear_leftovers(at.parent.absolute())
            parts.append(hidden_name(at, "part"))
            os.close(os.open(parts[-1], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield parts
        for part in parts:
            _flush(part)
        _publish(parts, targets, overwrite)
    except OSError as error:
        raise cannot_write(at, error) from error
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def atomic_dir(
    target: Path, *, marker: str, overwrite: bool = False, inputs: Sequence[Path] = ()
) -> Generator[Path]:
    """Write a folder whole or not at all.

    Parameters
    ----------
    target
        The folder to appear.
    marker
        Name of a file that every such folder holds. With `overwrite`, only an empty folder or one that
        holds this file is replaced, so that a folder of photographs named by mistake survives.
    overwrite, inputs
        As for `atomic_path`; a folder that holds an input is never replaced.

    Yields
    ------
    Path
        A new folder beside the target, renamed when the block ends and removed when it fails.

    Raises
    ------
    CannotWrite
        As `atomic_path`.
    """
    part = hidden_name(target, "part")
    try:
        _check_folder_target(target, marker, overwrite, inputs)
        clear_leftovers(target.parent.absolute())
        part.mkdir()
        yield part
        _swap_folder(part, target)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_target(target: Path, *, overwrite: bool, inputs: Sequence[Path] = ()) -> None:
    """Refuse an output that cannot or must not be written, before any work is done for it.

    Raises
    ------
    CannotWrite
        See `atomic_path`.
    """
    try:
        _check_parent(target)
        if not os.path.lexists(target):
            target.lstat()  # a name too long for the disk is said so, not taken for a free one
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(target, error) from error
    if any(same_file(target, source) for source in inputs):
        raise CannotWrite(f"{display_name(target)} is one of the inputs; choose another name.")
    if target.is_dir():
        raise CannotWrite(f"{display_name(target)} is a folder; name a file in it.")
    if not overwrite:
        raise _taken(target)


def _check_folder_target(target: Path, marker: str, overwrite: bool, inputs: Sequence[Path]) -> None:
    _check_parent(target)
    if not os.path.lexists(target):
        return
    inside = target.resolve()
    if any(inside == source or inside in source.parents for source in (Path(p).resolve() for p in inputs)):
        raise CannotWrite(f"{display_name(target)} holds one of the inputs; choose another name.")
    if not overwrite:
        raise _taken(target)
    ours = target.is_dir() and not target.is_symlink()
    if not ours or (any(target.iterdir()) and not (target / marker).is_file()):
        raise CannotWrite(
            f"{display_name(target)} was not made by postfocus and is left alone; choose another name."
        )


def _check_parent(target: Path) -> None:
    if not target.name or target.name == "..":
        raise CannotWrite(f"{display_name(target)} is a folder; name a file in it.")
    if "\0" in str(target):
        raise CannotWrite(f"{display_name(target)} is not a name a file can have; choose another one.")
    if not target.parent.is_dir():
        raise CannotWrite(
            f"The folder {display_name(target.parent)} does not exist; make it or choose another."
        )


def _taken(target: Path) -> AlreadyThere:
    return AlreadyThere(f"{display_name(target)} exists already; choose another name.")


def same_file(target: Path, source: Path) -> bool:
    """Whether two names mean one file, be it there or not."""
    try:
        return os.path.samefile(target, source)
    except OSError:  # one of them is gone: names decide
        return os.path.normcase(os.path.abspath(target)) == os.path.normcase(os.path.abspath(source))


def _flush(part: Path) -> None:
    """Bring the bytes to the disk before the name, so that a power cut cannot leave an empty picture."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _publish(parts: Sequence[Path], targets: Sequence[Path], overwrite: bool) -> None:
    """Rename all, and put everything back as it was when one fails."""
    undo: list[tuple[Path, Path | None]] = []
    try:
        for part, target in zip(parts, targets, strict=True):
            backup = _set_aside(target) if len(parts) > 1 and overwrite and target.exists() else None
            try:
                _rename(part, target, overwrite)
            finally:
                if backup is not None or not part.exists():
                    undo.append((target, backup))
    except BaseException:
        for target, backup in reversed(undo):
            if backup is not None:
                os.replace(backup, target)
            else:
                target.unlink(missing_ok=True)
        raise
    for _, backup in undo:
        if backup is not None:
            backup.unlink(missing_ok=True)


def _set_aside(target: Path) -> Path:
    backup = hidden_name(target, "old")
    try:
        os.link(target, backup)
    except (OSError, AttributeError):
        shutil.copy2(target, backup)
    return backup


def _rename(part: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(part, target)
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise _taken(target) from None
    except AttributeError:
        _rename_reserved(part, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _rename_reserved(part, target)
    else:
        part.unlink()


def _rename_reserved(part: Path, target: Path) -> None:
    """Rename without hard links: whoever creates the name first owns it."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        raise _taken(target) from None
    try:
        os.replace(part, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _swap_folder(part: Path, target: Path) -> None:
    """Put the new folder in place; the old one stands aside until the new one is there."""
    if not os.path.lexists(target):
        os.rename(part, target)
        return
    old = hidden_name(target, "old")
    os.rename(target, old)
    try:
        os.rename(part, target)
    except BaseException:
        os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")

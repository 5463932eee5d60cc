"""The parts of a project of one's own: found, checked, and made known beside nightshift's."""

from nightshift.own_parts.finding import Folder, OwnPart, installed_folders, parts_folder
from nightshift.own_parts.using import FakeLacks, WrongFake, fakes, known_folders, packages_lock, use_own_parts

__all__ = [
    "FakeLacks",
    "Folder",
    "OwnPart",
    "WrongFake",
    "fakes",
    "installed_folders",
    "known_folders",
    "packages_lock",
    "parts_folder",
    "use_own_parts",
]

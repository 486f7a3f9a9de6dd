"""What a wheel holds besides breeder/: files that lie next to the package in the repository.

Code must look for them in both places: inside the package first, then beside it. This is a hook
and not the plain `force-include` setting, because that one also copies the files into an editable
installation, where the copies would go stale.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE_THE_WHEEL = {
    "app.py": "breeder/app.py",
    "migrations": "breeder/migrations",
    # Streamlit finds a component's asset_dir through a pyproject.toml in the package or beside it.
    "pyproject.toml": "breeder/pyproject.toml",
}


class CustomBuildHook(BuildHookInterface):
    """Adds the files above to a standard wheel, and nothing to an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend what hatchling is about to write."""
        if version == "standard":
            build_data["force_include"].update(INSIDE_THE_WHEEL)

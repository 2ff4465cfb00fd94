"""The documentation site: `make docs` builds it into build/docs."""

from migguard import __version__

project = "migguard"
author = "The migguard authors"
copyright = "The migguard authors"
version = release = __version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["README.md"]
root_doc = "index"
nitpicky = True

myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
suppress_warnings = ["misc.highlighting_failure"]  # the rules' examples leave parts out with an ellipsis

html_theme = "furo"
html_title = f"migguard {__version__}"
html_show_sphinx = False
html_copy_source = False

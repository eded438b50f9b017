"""``python -m imgkit.cli``, where the script is not on the path."""

from imgkit.cli import main

main()

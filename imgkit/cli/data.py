"""The verbs about datasets."""

from dataclasses import asdict
from typing import Annotated

import typer

from imgkit.cli.console import code, facts, lines, say, table, to_json

verbs = typer.Typer(no_args_is_help=True, help="List datasets and tell about one.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@verbs.command("list")
def list_datasets(json: AsJson = False) -> None:
    """List the datasets, all of which lie on this computer.

    Example: imgkit data list
    """
    from imgkit import data

    cards = data.cards()
    if json:
        to_json([asdict(card) for card in cards])
        return
    shown = table("name", "kind", "size", "licence", "title", folds=("licence", "title"))
    for card in cards:
        shown.add_row(card.name, card.kind, _size(card.shape), card.licence, card.title)
    say(shown, "", "More about one: `imgkit data info coins`")


@verbs.command()
def info(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that `data list` shows.")],
    json: AsJson = False,
) -> None:
    """Tell what a dataset shows, where it comes from and how to load it.

    Example: imgkit data info coins
    """
    from imgkit import data

    card = data.card(name)
    if json:
        to_json(asdict(card))
        return
    rows = [
        ("kind", f"{card.kind}: {data.KINDS[card.kind]}"),
        ("size", f"{_size(card.shape)} {card.dtype}, {card.bytes:,} bytes in memory"),
        ("classes", ", ".join(card.classes)),
        ("splits", _splits(card)),
        ("shows", card.alt),
        ("good for", ", ".join(card.topics)),
        ("beware", card.note),
        ("made by", card.maker),
        ("source", card.source),
        ("licence", card.licence),
        ("sha256", card.sha256),
    ]
    say(
        lines(f"`{card.name}` – {card.title}", "", card.about, ""),
        facts((label, value) for label, value in rows if value),
        "",
        code(f'from imgkit import data\n{card.name} = data.load("{card.name}")'),
    )


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _splits(card) -> str:
    shares = card.splits.percent.items() if card.splits else ()
    return ", ".join(f"{part} {percent} %" for part, percent in shares)

"""What a task may be given and may return, and how that travels as plain data.

A value is an array, a number, a boolean, a string, None, or a tuple, list or dict of these.
It travels as a small JSON tree that names arrays, beside the arrays as ``.npy`` bytes. Nothing
is ever pickled, and whoever reads trusts nothing: a ``.npy`` header is read first and must
agree with the bytes that follow it.

    {"tuple": [{"array": 0}, {"float": 1}]}    with arrays[0], arrays[1] as .npy bytes
"""

import base64
import binascii
import io
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_DEPTH = 4  # tuples of dicts of arrays are plenty
MAX_ITEMS = 1000
MAX_BYTES = 2_000_000  # of all arrays of one answer
_HEADER_BYTES = 4096
_KINDS = "biufcU"
_NUMBERS = {"int": (int, "iu"), "float": (float, "f"), "complex": (complex, "c")}


class BadAnswer(ValueError):
    """The bytes are not an answer; the message says what is wrong with them."""


@dataclass(frozen=True)
class Foreign:
    """A value of a type that no task takes or returns, kept by its type's name."""

    type: str


# -- to plain data -------------------------------------------------------------------------


def pack(value: Any) -> tuple[dict, list[bytes]]:
    """Turn a value into a JSON tree and the ``.npy`` bytes it names.

    >>> tree, arrays = pack((np.zeros((2, 2)), 0.5))
    >>> tree
    {'tuple': [{'array': 0}, {'float': 1}]}
    """
    arrays: list[bytes] = []
    return _pack(value, arrays, MAX_DEPTH), arrays


def _pack(value: Any, arrays: list[bytes], depth: int) -> dict:
    if value is None:
        return {"none": True}
    if isinstance(value, Foreign):
        return {"foreign": value.type}
    if isinstance(value, str):
        return {"str": str(value)}
    if isinstance(value, bool | np.bool_):
        return {"bool": bool(value)}
    if isinstance(value, tuple | list) and depth:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_pack(item, arrays, depth - 1) for item in value[:MAX_ITEMS]]}
    if isinstance(value, dict) and depth:
        items = list(value.items())[:MAX_ITEMS]
        return {"dict": [[str(key), _pack(item, arrays, depth - 1)] for key, item in items]}
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # a tensor, without importing torch
        value = value.detach().cpu().numpy()
    if isinstance(value, int | float | complex | np.number):
        kind = {"i": "int", "u": "int", "c": "complex"}.get(np.asarray(value).dtype.kind, "float")
    elif isinstance(value, np.ndarray):
        kind = "array"
    else:
        return {"foreign": type(value).__name__}
    array = np.asarray(value)
    if array.dtype.kind not in _KINDS:
        is_array = isinstance(value, np.ndarray)
        return {"foreign": f"array of dtype {array.dtype}" if is_array else type(value).__name__}
    arrays.append(to_npy(array))
    return {kind: len(arrays) - 1}


def to_npy(array: np.ndarray) -> bytes:
    """The array as the bytes of a ``.npy`` file, always in C order."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array).reshape(array.shape))
    return stream.getvalue()


def to_text(value: Any) -> str:
    """One line of JSON that holds the value, arrays as base64."""
    tree, arrays = pack(value)
    return json.dumps({"tree": tree, "arrays": [base64.b64encode(a).decode() for a in arrays]})


# -- and back ------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """The value as it would arrive after travelling: base-class arrays, plain numbers.

    >>> plain({"mean": np.float32(0.5), "mode": np.str_("wrap")})
    {'mean': 0.5, 'mode': 'wrap'}
    """
    return unpack(*pack(value))


def unpack(tree: Any, arrays: list[bytes]) -> Any:
    """The value that ``pack`` turned into this tree and these arrays.

    Raises
    ------
    BadAnswer
        If the tree or an array is malformed, too deep or too large.
    """
    # read once: a tree that names one array a thousand times costs one array
    return _unpack(tree, [from_npy(array) for array in arrays], MAX_DEPTH)


def _unpack(tree: Any, arrays: list[np.ndarray], depth: int) -> Any:
    if not isinstance(tree, dict) or len(tree) != 1:
        raise BadAnswer("a value is not described by one name")
    ((kind, content),) = tree.items()
    if kind in ("tuple", "list", "dict"):
        if not depth or not isinstance(content, list) or len(content) > MAX_ITEMS:
            raise BadAnswer(f"a {kind} is nested too deeply or too long")
        if kind == "dict":
            return {key: _unpack(item, arrays, depth - 1) for key, item in map(_pair, content)}
        items = [_unpack(item, arrays, depth - 1) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "none":
        return None
    if kind in ("str", "bool", "foreign"):
        if not isinstance(content, bool if kind == "bool" else str):
            raise BadAnswer(f"a {kind} holds something else")
        return Foreign(content) if kind == "foreign" else content
    if kind != "array" and kind not in _NUMBERS:
        raise BadAnswer(f"unknown kind of value: {kind[:40]!r}")
    if not isinstance(content, int) or not 0 <= content < len(arrays):
        raise BadAnswer("a value names an array that is not there")
    array = arrays[content]
    if kind == "array":
        return array
    number, dtypes = _NUMBERS[kind]
    if array.size != 1 or array.dtype.kind not in dtypes:
        raise BadAnswer(f"{kind} is not one number")
    return number(array.item())


def _pair(item: Any) -> tuple[str, Any]:
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], str):
        raise BadAnswer("a dict holds something other than names and values")
    return item[0], item[1]


def from_npy(data: bytes) -> np.ndarray:
    """Read ``.npy`` bytes without trusting them.

    The header is read first, with a limit on its length; the array is made only if dtype and
    shape account for exactly the bytes that follow, so a header cannot ask for memory.

    Raises
    ------
    BadAnswer
        If the header is malformed, the dtype is an object or structure, or sizes disagree.
    """
    stream = io.BytesIO(data)
    try:
        major, _ = np.lib.format.read_magic(stream)
        read_header = {
            1: np.lib.format.read_array_header_1_0,
            2: np.lib.format.read_array_header_2_0,
        }[major]
        shape, fortran, dtype = read_header(stream, max_header_size=_HEADER_BYTES)
    except Exception as error:  # whatever a forged header provokes
        raise BadAnswer(f"not an .npy array: {type(error).__name__}") from None
    if dtype.hasobject or dtype.kind not in _KINDS or not dtype.itemsize:
        raise BadAnswer(f"arrays of dtype {str(dtype)[:80]!r} are not accepted")
    body = data[stream.tell() :]
    claimed = math.prod(shape) * dtype.itemsize
    if claimed != len(body) or any(side < 0 for side in shape):
        raise BadAnswer(f"the header claims {claimed:,} bytes, {len(body):,} came")
    try:
        flat = np.frombuffer(body, dtype) if body else np.empty(0, dtype)
        if dtype.kind == "U":
            flat.tolist()  # fails on what is no character
        return flat.reshape(shape, order="F" if fortran else "C").copy()
    except (ValueError, SystemError) as error:
        raise BadAnswer(f"not an .npy array: {error}") from None


def from_text(text: str, *, limit: int = MAX_BYTES) -> Any:
    """The value in a line that ``to_text`` wrote, or anyone else.

    >>> from_text(to_text({"mean": 0.5, "name": "coins"}))
    {'mean': 0.5, 'name': 'coins'}
    """
    if len(text) > 2 * limit:
        raise BadAnswer(f"the answer is larger than {limit // 1_000_000} MB")
    try:
        content = json.loads(text)
        encoded = content["arrays"]
        arrays = [base64.b64decode(item, validate=True) for item in encoded[: MAX_ITEMS + 1]]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise BadAnswer("the answer is not readable") from None
    if len(arrays) > MAX_ITEMS:
        raise BadAnswer(f"the answer holds over {MAX_ITEMS} separate numbers: return an array")
    if sum(map(len, arrays)) > limit:
        raise BadAnswer(f"the answer is larger than {limit // 1_000_000} MB")
    return unpack(content.get("tree"), arrays)


# -- words ---------------------------------------------------------------------------------


def describe(value: Any) -> str:
    """A value in a few words: ``uint8 array of shape (3, 4)``, ``the number 0.5``.

    >>> describe(np.zeros((3, 4), np.uint8))
    'a uint8 array of shape (3, 4)'
    """
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"{_a(str(value.dtype))} array of shape {value.shape}"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | complex):
        return f"the number {value:.6g}" if not isinstance(value, int) else f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"a dict with {', '.join(map(repr, list(value)[:6]))}" if value else "an empty dict"
    name = value.type if isinstance(value, Foreign) else type(value).__name__
    return _a(name[:80] if name.isprintable() else ascii(name[:80]))


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in tuple('aeio') else 'a'} {noun}"

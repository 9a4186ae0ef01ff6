"""RFC 6962 trees as SQL: whole subtrees of aligned ranges are hashed where their rows lie, and only their roots travel."""

from __future__ import annotations

GROUP_LEVELS = 12
"""A digest's subtrees have 4,096 leaves: of a row its share of 32 bytes comes back, a four-thousandth."""

TILE_LEVELS = 8
"""A tile of C2SP tlog-tiles has 256 hashes."""


def leaves(entries: str) -> str:
    """The leaf hashes, an array of binaries, of an array of entries as binaries."""
    return f"transform({entries}, entry -> unhex(sha2(concat(X'00', entry), 256)))"


def root(hashes: str, levels: int) -> str:
    """The root over an array of at most ``2 ** levels`` hashes; an odd last one moves up unchanged, as `callup.tlog` folds."""
    pair = "concat(X'01', level[2 * at], level[2 * at + 1])"
    above = (
        f"transform(sequence(0, CAST((size(level) - 1) DIV 2 AS INT)), "
        f"at -> IF(2 * at + 1 < size(level), unhex(sha2({pair}, 256)), level[2 * at]))"
    )
    return f"element_at(aggregate(sequence(1, {levels}), {hashes}, (level, step) -> IF(size(level) < 2, level, {above})), 1)"


def joined(binaries: str) -> str:
    """The bytes of an array of binaries one behind the other."""
    return f"unhex(array_join(transform({binaries}, one -> hex(one)), ''))"


def subtrees(numbered: str) -> str:
    """The roots of the aligned subtrees over the binaries ``d`` of a numbered table, left to right."""
    row = "transform(array_sort(collect_list(struct(n, d))), row -> row.d)"
    return (
        f"SELECT {root(leaves('row'), GROUP_LEVELS)} AS root, size(row) AS rows FROM ("
        f"SELECT n DIV {1 << GROUP_LEVELS} AS number, {row} AS row FROM {numbered} GROUP BY n DIV {1 << GROUP_LEVELS}) ORDER BY number"
    )


def tiles(lines: str) -> str:
    """The bottom tiles of every stratum from stratum, position and commitment: entry bundle, leaf hashes, root; in order.

    Entries are the 32 raw bytes of a commitment, each behind its length in two bytes, as `callup.tlog` bundles them.
    """
    width = 1 << TILE_LEVELS
    entry = "transform(array_sort(collect_list(struct(position, commitment))), line -> unhex(line.commitment))"
    return (
        f"SELECT stratum, {joined('transform(entries, entry -> concat(X' + chr(39) + '0020' + chr(39) + ', entry))')} AS bundle, "
        f"{joined('hashes')} AS hashes, {root('hashes', TILE_LEVELS)} AS root FROM ("
        f"SELECT stratum, tile, entries, {leaves('entries')} AS hashes FROM ("
        f"SELECT stratum, position DIV {width} AS tile, {entry} AS entries FROM {lines} GROUP BY stratum, position DIV {width})) "
        f"ORDER BY stratum, tile"
    )

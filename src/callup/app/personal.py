"""Names and addresses of the called: each row under a key of its own, so that one person can be erased alone (design D5)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callup.app.sealed import read_sealed, write_sealed
from callup.terms.schema import Column, Schema
from callup.terms.tables import ADDRESSES

ROW_KEYS = Schema("row keys", (Column("person_id", "text", "re-keyed id"), Column("row_key", "text", "64 hex digits")), ("person_id",))


def write_addresses(addresses: Path, keys: Path, table: pa.Table, dossier_key: bytes) -> None:
    """Write the rows, each encrypted under its own key; the keys go into a sealed table of their own.

    Args:
        addresses: Parquet with person_id and the sealed row.
        keys: sealed Parquet with a key for each person.
        table: ADDRESSES rows.
        dossier_key: seals the keys.
    """
    ids, sealed_rows, row_keys = [], [], []
    for row in table.to_pylist():
        person = row.pop("person_id")
        key, nonce = os.urandom(32), os.urandom(12)
        ids.append(person)
        row_keys.append(key.hex())
        sealed_rows.append(nonce + AESGCM(key).encrypt(nonce, json.dumps(row, ensure_ascii=False).encode(), person.encode()))
    pq.write_table(pa.table({"person_id": ids, "sealed": pa.array(sealed_rows, pa.binary())}), addresses)
    write_sealed(keys, ROW_KEYS, [pa.record_batch({"person_id": ids, "row_key": row_keys})], dossier_key)


def read_addresses(addresses: Path, keys: Path, dossier_key: bytes) -> pa.Table:
    """Read the rows back; a person whose key was dropped is erased and does not come back."""
    row_keys = dict(zip(*(column.to_pylist() for column in read_sealed(keys, dossier_key).read_all().columns), strict=True))
    rows = []
    for person, sealed in zip(*(column.to_pylist() for column in pq.read_table(addresses).columns), strict=True):
        if person in row_keys:
            plain = AESGCM(bytes.fromhex(row_keys[person])).decrypt(sealed[:12], sealed[12:], person.encode())
            rows.append({"person_id": person, **json.loads(plain)})
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in ADDRESSES.names]))

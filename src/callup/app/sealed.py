"""Sealed tables and files: Parquet with modular encryption, and AES-256-GCM for single files (design D5).

The footer is encrypted too: without the dossier key a sealed table shows neither names nor columns.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callup.register import arrow_schema as arrow_schema
from callup.terms.errors import Tampered
from callup.terms.schema import Schema

_NONCE = 12
_ROWS = 122_880
_UNREADABLE = (OSError, pa.ArrowException, Tampered)


class _Keeper(pe.KmsClient):  # type: ignore[misc]
    """Wraps a file's data key with the dossier key; there is no service behind it."""

    def __init__(self, key: bytes) -> None:
        pe.KmsClient.__init__(self)
        self._key = key

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(seal_bytes(key_bytes, self._key, master_key_identifier.encode()))

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return open_bytes(base64.b64decode(wrapped_key), self._key, master_key_identifier.encode())


def _factory(key: bytes) -> tuple[pe.CryptoFactory, pe.KmsConnectionConfig]:
    return pe.CryptoFactory(lambda _: _Keeper(key)), pe.KmsConnectionConfig()


def write_sealed(path: Path, schema: Schema, batches: Iterable[pa.RecordBatch], key: bytes) -> int:
    """Write a sealed table, batch by batch, and sync it; a crash here leaves a file without its end, which does not open.

    Args:
        path: the file; its folder must be there.
        schema: the declared table; columns are taken by name and cast.
        batches: the rows.
        key: the dossier key, 32 bytes.

    Returns:
        How many rows were written.
    """
    factory, kms = _factory(key)
    config = pe.EncryptionConfiguration(footer_key="dossier", uniform_encryption=True, data_key_length_bits=256)
    shape = arrow_schema(schema)
    properties = factory.file_encryption_properties(kms, config)
    rows = 0
    with path.open("wb") as file:
        with pq.ParquetWriter(file, shape, encryption_properties=properties, compression="zstd") as writer:
            for batch in batches:
                columns = [batch.column(batch.schema.get_field_index(name)).cast(shape.field(name).type) for name in schema.names]
                writer.write_batch(pa.record_batch(columns, schema=shape))
                rows += batch.num_rows
        file.flush()
        os.fsync(file.fileno())
    return rows


def read_sealed(path: Path, key: bytes, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
    """Read a sealed table, batch by batch.

    Args:
        path: the file.
        key: the dossier key.
        columns: the columns that are wanted; all where none are named.

    Raises:
        Tampered: the key is not this file's, or the file was changed; also while the rows are read.
    """
    factory, kms = _factory(key)
    try:
        file = pq.ParquetFile(path, decryption_properties=factory.file_decryption_properties(kms, pe.DecryptionConfiguration()))
    except _UNREADABLE as failure:
        raise _unreadable(path) from failure
    names = file.schema_arrow.names if columns is None else list(columns)
    shape = pa.schema([file.schema_arrow.field(name) for name in names])
    return pa.RecordBatchReader.from_batches(shape, _whole_batches(file, path, names))


def _whole_batches(file: pq.ParquetFile, path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    try:
        for batch in file.iter_batches(batch_size=_ROWS, columns=names):
            yield batch.select(names)
    except _UNREADABLE as failure:
        raise _unreadable(path) from failure


def _unreadable(path: Path) -> Tampered:
    return Tampered("sealed-table-does-not-open", {"path": str(path)}, "use the key file made with this dossier")


def seal_bytes(plain: bytes, key: bytes, about: bytes) -> bytes:
    """Encrypt one file's bytes: nonce, then AES-256-GCM, with ``about`` (its name) as associated text."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def open_bytes(sealed: bytes, key: bytes, about: bytes) -> bytes:
    """Decrypt what `seal_bytes` made.

    Raises:
        Tampered: another key, another name, or changed or missing bytes.
    """
    try:
        if len(sealed) < _NONCE:
            raise InvalidTag
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
    except InvalidTag as failure:
        name = about.decode(errors="replace")
        raise Tampered("sealed-file-does-not-open", {"name": name}, "use the key file made with this dossier") from failure


def sealed_dataset(path: Path, key: bytes) -> ds.Dataset:
    """A sealed table that an engine may scan more than once, only the columns it needs."""
    factory, kms = _factory(key)
    decryption = ds.ParquetDecryptionConfig(factory, kms, pe.DecryptionConfiguration())
    options = ds.ParquetFragmentScanOptions(decryption_config=decryption)
    return ds.dataset(str(path), format=ds.ParquetFileFormat(default_fragment_scan_options=options))

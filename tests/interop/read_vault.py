#!/usr/bin/python3
"""Read a Rootcellar vault, and print what is in one snapshot of a phone.

Usage: VAULT_PASSWORD=… read_vault.py VAULT_FOLDER [SNAPSHOT_ID]

It takes the newest finished snapshot of a phone, or the one whose ID begins with SNAPSHOT_ID, and prints one JSON document,
{"snapshot": id, "files": [{"path", "sizeBytes", "sha256"}, ...]}, with every file of the device folder as the phone sent it:
those that lie decrypted in the vault are encrypted again by the cipher list. `path` is relative to the device folder.

Nothing is printed before all was checked that was read: SHA-256 of stored files (whole packs too) and of blobs, tags, index
entries against headers of packs, marks of the cipher list. Exit status: 0; 2 if the password is wrong; 1 for anything else.
"""

import base64
import hashlib
import json
import os
import re
import struct
import sys
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from itertools import chain

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

MIB = 1 << 20
MAX_STORED, MAX_JSON, MAX_BLOB, MAX_HEADER, MAX_SCRYPT = 64 * MIB, 256 * MIB, 256 * MIB, 16 * MIB, 512 * MIB
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
ID = re.compile("[0-9a-f]{64}")
ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL)
LETTERS = dict(zip(b'abfnrtv\\"', b'\a\b\f\n\r\t\v\\"'))

Location = namedtuple("Location", "pack type id offset length plain")  # plain is 0 if the blob is not compressed


class Damaged(Exception):
    """Something is not as it has to be."""


class WrongPassword(Exception):
    """No key file opens with the password."""


def need(condition, message):
    if not condition:
        raise Damaged(message)


def unbase64(text, length=None):
    plain = base64.b64decode(text, validate=True)
    need(base64.b64encode(plain).decode() == text, "Base64 written in an unusual way")
    need(length in (None, len(plain)), "a key of the wrong length")
    return plain


def unseal(key, sealed, what):
    """Check the tag and decrypt; a key is encrypt, k and r, one behind the other."""
    encrypt, k = key[:32], key[32:48]
    r = (int.from_bytes(key[48:], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF).to_bytes(16, "little")
    nonce, ciphertext, tag = sealed[:16], sealed[16:-16], sealed[-16:]
    try:
        need(len(sealed) >= 32, f"{what}: too short to be sealed")
        one_time = Cipher(algorithms.AES(k), modes.ECB()).encryptor().update(nonce)
        Poly1305.verify_tag(r + one_time, ciphertext, tag)
    except InvalidSignature:
        raise InvalidSignature(f"{what}: the tag is wrong") from None
    return Cipher(algorithms.AES(encrypt), modes.CTR(nonce)).decryptor().update(ciphertext)


def decompress(frame, limit, what):
    need(zstandard.frame_content_size(frame) <= limit, f"{what}: the frame is too long")
    return zstandard.ZstdDecompressor().decompress(frame, max_output_size=limit, allow_extra_data=False)


def nanoseconds(time):
    """Nanoseconds from 1970 to a time of RFC 3339."""
    match = TIME.fullmatch(time)
    seconds = (datetime.fromisoformat(match[1] + match[3]) - EPOCH) // timedelta(seconds=1)
    return seconds * 10**9 + int((match[2] or "").ljust(9, "0"))


def file_name(quoted):
    """The name of a node without its quoting, if it may become part of a path."""
    def unescape(match):
        byte, octal, short, long, letter = match.groups()
        if short or long:
            return chr(int(short or long, 16)).encode()
        return bytes([int(byte, 16) if byte else int(octal, 8) if octal else LETTERS[ord(letter)]])

    name = ESCAPE.sub(unescape, quoted.encode())
    need(name not in (b"", b".", b"..") and not set(name) & set(b"/\0"), f"a name that is refused: {quoted!r}")
    return name.decode(errors="surrogateescape")


class Vault:
    def __init__(self, folder, password):
        self.folder = folder
        self.blobs = {}    # type and ID -> set of locations
        self.headers = {}  # ID of a pack that was checked -> set of locations
        self.key = self.master_key(password)
        config = json.loads(unseal(self.key, self.stored("config"), "config"))
        need(config["version"] == 2, f"a repository of version {config['version']}")

    def stored(self, *names):
        with open(os.path.join(self.folder, *names), "rb") as file:
            content = file.read(MAX_STORED + 1)
        need(len(content) <= MAX_STORED, f"{names[-1]}: too long")
        need(len(names) == 1 or hashlib.sha256(content).hexdigest() == names[-1], f"{names[-1]}: the SHA-256 is wrong")
        return content

    def listed(self, kind):
        for name in sorted(filter(ID.fullmatch, os.listdir(os.path.join(self.folder, kind)))):
            yield name, self.stored(kind, name)

    def master_key(self, password):
        for name, content in self.listed("keys"):
            file = json.loads(content)
            n, r, p, salt = file["N"], file["r"], file["p"], unbase64(file["salt"])
            need(file["kdf"] == "scrypt" and min(n, r, p) > 0 and p <= 16 and 128 * n * r <= MAX_SCRYPT,
                 f"key {name}: refused parameters")
            derived = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=2 * MAX_SCRYPT, dklen=64)
            try:
                key = json.loads(unseal(derived, unbase64(file["data"]), f"key {name}"))
            except InvalidSignature:
                continue
            return unbase64(key["encrypt"], 32) + unbase64(key["mac"]["k"], 16) + unbase64(key["mac"]["r"], 16)
        raise WrongPassword

    def records(self, kind):
        for name, content in self.listed(kind):
            plain = unseal(self.key, content, name)
            need(plain[:1] in (b"\2", b"{", b"["), f"{name}: a record of an unknown format")
            yield name, json.loads(decompress(plain[1:], MAX_JSON, name) if plain[:1] == b"\2" else plain)

    def snapshots(self):
        """The record that counts of every snapshot, by the ID of the snapshot."""
        ranked = sorted((nanoseconds(record.get("recorded") or record["time"]), name, record)
                        for name, record in self.records("snapshots"))
        return {record.get("original") or name: record for _, name, record in ranked}

    def read_index(self):
        for name, record in self.records("index"):
            for pack in record.get("packs") or []:
                need(ID.fullmatch(pack["id"]), f"{name}: not the ID of a pack")
                for blob in pack.get("blobs") or []:
                    at = Location(pack["id"], blob["type"], blob["id"], blob["offset"], blob["length"],
                                  blob.get("uncompressed_length", 0))
                    self.blobs.setdefault((at.type, at.id), set()).add(at)

    def check_pack(self, pack, file):
        """Check the SHA-256 of a pack, and read its header."""
        need(hashlib.file_digest(file, "sha256").hexdigest() == pack, f"pack {pack}: the SHA-256 is wrong")
        end = file.seek(-4, os.SEEK_END)
        length, = struct.unpack("<I", file.read(4))
        need(length <= min(end, MAX_HEADER), f"pack {pack}: the header is too long")
        file.seek(end - length)
        header = unseal(self.key, file.read(length), f"header of pack {pack}")
        entries, offset, position = set(), 0, 0
        while position < len(header):
            need(header[position] <= 3, f"pack {pack}: a blob of an unknown type")
            form = struct.Struct("<BII32s" if header[position] >= 2 else "<BI32s")
            kind, sealed, *plain, blob = form.unpack_from(header, position)
            entries.add(Location(pack, ("data", "tree")[kind & 1], blob.hex(), offset, sealed, sum(plain)))
            offset, position = offset + sealed, position + form.size
        need(offset == end - length, f"pack {pack}: the header does not fit")
        self.headers[pack] = entries

    def blob(self, kind, name):
        what = f"{kind} blob {name}"
        for at in sorted(self.blobs.get((kind, name), ())):
            try:
                file = open(os.path.join(self.folder, "data", at.pack[:2], at.pack), "rb")
            except FileNotFoundError:
                continue
            with file:
                if at.pack not in self.headers:
                    self.check_pack(at.pack, file)
                need(at in self.headers[at.pack], f"{what}: index and pack differ")
                need(max(at.length - 32, at.plain) <= MAX_BLOB, f"{what}: too long")
                file.seek(at.offset)
                plain = unseal(self.key, file.read(at.length), what)
            if at.plain:
                plain = decompress(plain, at.plain, what)
            need(len(plain) == (at.plain or at.length - 32), f"{what}: not as long as the index says")
            need(hashlib.sha256(plain).hexdigest() == name, f"{what}: the SHA-256 is wrong")
            return plain
        raise Damaged(f"{what}: in no pack that is there")

    def folder_nodes(self, tree):
        """The nodes of a folder by their names."""
        listed = json.loads(self.blob("tree", tree)).get("nodes") or []
        nodes = {file_name(node["name"]): node for node in listed}
        need(len(nodes) == len(listed), f"tree {tree}: a name is there twice")
        return nodes

    def walk(self, tree, path=""):
        """Path and node of every file below a folder."""
        for name, node in self.folder_nodes(tree).items():
            if node["type"] == "dir":
                yield from self.walk(node["subtree"], f"{path}{name}/")
            elif node["type"] == "file":
                yield path + name, node

    def content(self, node):
        left = node.get("size", 0)
        for piece in (self.blob("data", name) for name in node.get("content") or []):
            left -= len(piece)
            yield piece
        need(left == 0, f"{node['name']}: not as long as its folder says")


def cipher_list(pieces):
    """The records of a cipher list by the paths of their files."""
    entries, left = [], b""
    for piece in pieces:
        *lines, left = (left + piece).split(b"\n")
        need(max(map(len, [left, *lines])) < 128 << 10, "cipher list: a line is too long")
        entries += map(json.loads, lines)
    need(entries and not left and entries[0]["cipherList"] == 1, "cipher list: not whole, or of an unknown version")
    names = [entry["file"] for entry in entries[1:]]
    need(names == sorted(set(names)) and all(re.fullmatch("[!-~]{1,255}", name) for name in names),
         "cipher list: a name or the order is wrong")
    return {name if name == "Manifest.db" else f"{name[:2]}/{name}": entry for name, entry in zip(names, entries[1:])}


def encrypted(pieces, size, record, path):
    """A file as the phone sent it, from the pieces of its content and its record in the cipher list."""
    pad = 16 - size % 16 if record.get("padded", True) else 0
    marks, rest = unbase64(record.get("marks", "")), unbase64(record.get("rest", ""))
    whole, spacing, position = size + pad, 8 * MIB, 0
    while (whole - 1) // spacing > 4096:
        spacing *= 2
    need(size == record["bytes"] and whole % 16 == 0 and len(rest) < 16
         and len(marks) == max(0, (whole - 1) // spacing) * 16, f"{path}: does not fit its record in the cipher list")
    encryptor = Cipher(algorithms.AES(unbase64(record["key"], 32)), modes.CBC(bytes(16))).encryptor()
    for piece in chain(pieces, [bytes([pad]) * pad]):
        out = encryptor.update(piece)
        for i in range(position // spacing + 1, (position + len(out)) // spacing + 1):
            end, mark = i * spacing - position, marks[16 * i - 16:16 * i]
            need(mark in (b"", out[end - 16:end]), f"{path}: mark {i} is wrong")  # there is none at the end of a file
        position += len(out)
        yield out
    yield encryptor.finalize() + rest


def choose(snapshots, wanted):
    """The snapshot whose ID begins with `wanted`, or the newest finished one: its ID, record and phone."""
    found = []
    for identity, snapshot in snapshots.items():
        tags = snapshot.get("tags") or []
        udid = next((tag[7:] for tag in tags if tag.startswith("device:")), None)
        if identity.startswith(wanted) if wanted else udid and "incomplete" not in tags:
            found.append((nanoseconds(snapshot["time"]), identity, snapshot, udid))
    need(len(found) == 1 or found and not wanted, f"{len(found)} snapshots fit")
    return max(found)[1:]


def read_snapshot(folder, password, wanted):
    vault = Vault(folder, password)
    identity, snapshot, udid = choose(vault.snapshots(), wanted)
    vault.read_index()  # after the snapshots, so that nothing is missing
    root = vault.folder_nodes(snapshot["tree"])
    need(udid in root, "the snapshot has no device folder")
    ours = vault.folder_nodes(root[".rootcellar"]["subtree"]) if ".rootcellar" in root else {}
    records = cipher_list(vault.content(ours["cipher.jsonl"])) if "cipher.jsonl" in ours else {}
    need(records or {"kept:small", "incomplete"} & set(snapshot["tags"]) != {"kept:small"}, "the cipher list is missing")
    files = []
    for path, node in vault.walk(root[udid]["subtree"]):
        pieces, digest, size = vault.content(node), hashlib.sha256(), 0
        if path in records:
            pieces = encrypted(pieces, node.get("size", 0), records[path], path)
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
        files.append({"path": path, "sizeBytes": size, "sha256": digest.hexdigest()})
    return {"snapshot": identity, "files": files}


def main(arguments):
    password = os.environb.get(b"VAULT_PASSWORD")
    if len(arguments) not in (1, 2) or password is None:
        sys.exit("usage: VAULT_PASSWORD=… read_vault.py VAULT_FOLDER [SNAPSHOT_ID]")
    try:
        print(json.dumps(read_snapshot(arguments[0], password.strip(b" \n"), "".join(arguments[1:]))))
    except WrongPassword:
        print("read_vault: wrong password", file=sys.stderr)
        sys.exit(2)
    except (Damaged, InvalidSignature, OSError, zstandard.ZstdError) as error:
        sys.exit(f"read_vault: {error}")
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, struct.error) as error:
        sys.exit(f"read_vault: not of the form it has to be: {error!r}")


if __name__ == "__main__":
    main(sys.argv[1:])

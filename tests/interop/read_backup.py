#!/usr/bin/python3
"""Read the backup of an iPhone (iOS 10 and later), encrypted or not. Needs Python 3.11.

    read_backup.py FOLDER                  print files and keychain items as one JSON document
    read_backup.py --extract DIR FOLDER    write the content of each file to DIR/<fileID>

FOLDER is the <UDID> folder; nothing in it changes. The password comes from the environment variable
BACKUP_PASSWORD. In the JSON, bytes that are not UTF-8 appear as {"base64": ...}.
Exit status: 0 all was read, 1 something was not (stderr says what), 2 the password is wrong.
"""
import base64, contextlib, hashlib, hmac, json, os, plistlib, re, sqlite3, struct, sys
from unicodedata import normalize
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

ROWS = "SELECT fileID, domain, relativePath, CAST(file AS BLOB) FROM Files WHERE flags & 7 = 1"

def aes(key, mode, start=0):
    """Return a function that decrypts piece by piece, with start as vector or first counter."""
    return Cipher(algorithms.AES(key), mode(start.to_bytes(16, "big"))).decryptor().update

def without_padding(data):
    """Take the PKCS#7 padding off; data without a valid one stays as it is."""
    count = data[-1] if data else 0
    return data[:-count] if 0 < count <= 16 and data.endswith(bytes([count]) * count) else data

def open_regular(*path):
    """Open for reading, but neither a link nor a pipe that a forged backup may contain."""
    path = os.path.join(*path)
    if os.path.islink(os.path.dirname(path)) or os.path.islink(path) or not os.path.isfile(path):
        raise OSError(f"{path!a} is missing or not a regular file")
    return open(path, "rb")

def parse_keybag(data):
    """Return the header and then the class keys, each a dictionary; four bytes become a number."""
    groups, at = [{}], 0
    while at < len(data):
        tag, length = struct.unpack_from(">4sI", data, at)
        value = data[at + 8:at + 8 + length]
        if tag == b"UUID" and tag in groups[0]:
            groups.append({})
        groups[-1][tag] = int.from_bytes(value, "big") if length == 4 else value
        at += 8 + length
    return groups

def open_gcm(key, text, tag):
    """Decrypt GCM with an empty vector, which the library refuses. So encrypt to the same text with
    twelve zeros as vector: just the counter block that masks the tag differs, 1 instead of 0."""
    twin = aead.AESGCM(key).encrypt(bytes(12), aes(key, modes.CTR, 2)(text), None)
    blocks = aes(key, modes.CTR, 0)(bytes(32))
    expected = bytes(a ^ b ^ c for a, b, c in zip(twin[-16:], blocks[:16], blocks[16:]))
    if not hmac.compare_digest(expected, tag):
        raise ValueError("the tag does not match")
    return aes(key, modes.CTR, 1)(text)

def der_elements(data):
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length >= 0x80:  # so many bytes, less 0x80, hold the length
            length, at = int.from_bytes(data[at:at + length - 0x80], "big"), at + length - 0x80
        yield tag, data[at:at + length]
        at += length

def der_to_json(tag, value):
    if tag == 2 and len(value) <= 8:  # INTEGER
        return int.from_bytes(value, "big", signed=True)
    text = value.decode(errors="replace")
    return text if text.encode() == value else {"base64": base64.b64encode(value).decode()}

class Backup:
    def __init__(self, folder):
        self.folder, self.problems, self.class_keys = os.path.realpath(folder), 0, {}
        with open_regular(self.folder, "Manifest.plist") as stream:
            manifest = plistlib.load(stream)
        self.encrypted, decrypt = bool(manifest.get("IsEncrypted")), bytes
        if self.encrypted:
            self.unlock(*parse_keybag(manifest["BackupKeyBag"]))
            if "ManifestKey" in manifest:  # since iOS 10.2
                decrypt = aes(self.unwrap(*struct.unpack("<I40s", manifest["ManifestKey"])), modes.CBC)
        with open_regular(self.folder, "Manifest.db") as stream:
            data = bytearray(decrypt(stream.read()))
        if not data.startswith(b"SQLite format 3\0"):
            raise ValueError("Manifest.db: the key or the file is wrong")
        del data[len(data) // 512 * 512:]  # the padding, if any; pages are multiples of 512 bytes
        data[18:20] = 1, 1  # take it out of write-ahead mode, which needs files
        self.db = sqlite3.connect(":memory:")
        self.db.deserialize(data)
        self.db.text_factory = lambda text: text.decode(errors="replace")

    def complain(self, subject, problem):
        self.problems += 1
        print(f"{subject}: {str(problem) or type(problem).__name__}", file=sys.stderr)

    def unlock(self, header, *classes):
        """Unwrap the class keys. Which Unicode form the password had is not known: try both."""
        given = os.environb.get(b"BACKUP_PASSWORD", b"").decode(errors="surrogateescape")
        if max(header.get(b"DPIC", 0), header[b"ITER"]) > 100_000_000:  # phones use 10,000,000
            raise ValueError("the keybag asks for too many rounds")
        for form in dict.fromkeys((normalize("NFC", given), normalize("NFD", given), given)):
            self.password = key = form.encode(errors="surrogateescape")
            if b"DPSL" in header and b"DPIC" in header:
                key = hashlib.pbkdf2_hmac("sha256", key, header[b"DPSL"], header[b"DPIC"], 32)
            key = hashlib.pbkdf2_hmac("sha1", key, header[b"SALT"], header[b"ITER"], 32)
            for group in classes:
                with contextlib.suppress(KeyError, InvalidUnwrap):  # wrong password or damaged
                    if group[b"WRAP"] & 3 == 2:  # with 1, only the phone can unwrap it
                        self.class_keys[group[b"CLAS"]] = aes_key_unwrap(key, group[b"WPKY"])
            if self.class_keys:
                return
        print("read_backup: the password in BACKUP_PASSWORD is wrong", file=sys.stderr)
        sys.exit(2)

    def unwrap(self, class_number, wrapped):
        if class_number not in self.class_keys:
            raise ValueError(f"no key for protection class {class_number}")
        return aes_key_unwrap(self.class_keys[class_number], wrapped)

    def file_key(self, record):
        """Find the key of a file in its keyed archive; None if the file is not encrypted."""
        if not record.startswith(b"bplist"):  # iOS 10.0
            ((salt,),) = self.db.execute("SELECT value FROM Properties WHERE key = 'salt'")
            key = hashlib.sha1(self.password + salt).digest()[:16]
            cipher = aes(key, modes.CBC, 0x000102030405060708090A0B0C0D0E0F)
            record = without_padding(cipher(base64.b64decode(record)))
        archive = plistlib.loads(record, fmt=plistlib.FMT_BINARY)
        objects = archive["$objects"]
        value = objects[archive["$top"]["root"].data].get("EncryptionKey", "$null")
        for _ in range(3):  # through references and a dictionary to the data
            value = objects[value.data] if isinstance(value, plistlib.UID) else value
            value = value["NS.data"] if isinstance(value, dict) else value
        return None if value == "$null" else self.unwrap(*struct.unpack("<I40s", value))

    def content(self, file_id, record):
        """Yield the plain content of a file in pieces, the first of them empty."""
        key = self.file_key(record) if self.encrypted else None
        decrypt, last, size = aes(key, modes.CBC) if key else bytes, b"", 0
        with open_regular(self.folder, file_id[:2], file_id) as blob:
            while piece := blob.read(1 << 20):
                yield last
                last, size = decrypt(piece), size + len(piece)
        plain = without_padding(last) if key and size % 16 == 0 else last
        yield plain
        if key and len(plain) == len(last):
            self.complain(file_id, "changed during the backup, or its end is damaged")

    def keychain_items(self, lists):
        for kind, entry in ((k, e) for k in ("genp", "inet", "cert", "keys") for e in lists.get(k, ())):
            try:
                number, wrapped = struct.unpack_from("<4xI4x40s", entry["v_Data"])
                item = {"kind": kind, "class": number, "state": "this-device-only"}
                if self.encrypted and number not in (9, 10, 11):
                    text, tag = entry["v_Data"][52:-16], entry["v_Data"][-16:]
                    ((_, pairs),) = der_elements(open_gcm(self.unwrap(number, wrapped), text, tag))
                    for (_, name), value in (der_elements(pair) for _, pair in der_elements(pairs)):
                        item[name.decode()] = der_to_json(*value)
                    item |= {"kind": kind, "class": number, "state": "readable"}
                yield item
            except Exception as problem:
                self.complain(f"keychain item in {kind}", problem)

def main(folder, target=None):
    """Write the files to the folder target or, without one, print what is in the backup."""
    backup, files, keychain = Backup(folder), [], []
    if target and (os.path.realpath(target) + "/").startswith(backup.folder + "/"):
        raise ValueError("DIR must not lie in the backup")
    if target:
        os.makedirs(target, 0o700, exist_ok=True)
    for file_id, domain, path, record in (row for row in backup.db.execute(ROWS) if None not in row):
        try:
            if not re.fullmatch("[0-9a-f]{40}", file_id):
                raise ValueError("not a valid fileID")
            content = backup.content(file_id, record)
            next(content)  # opens the file: so there is no output if that fails
            if target:
                with open(os.path.join(target, file_id), "wb") as plain:
                    plain.writelines(content)
                continue
            digest, size = hashlib.sha256(), 0
            for piece in content:
                digest.update(piece)
                size += len(piece)
            files.append({"fileID": file_id, "domain": str(domain), "path": str(path),
                          "sizeBytes": size, "sha256": digest.hexdigest()})
            if (domain, path) == ("KeychainDomain", "keychain-backup.plist"):
                keychain += backup.keychain_items(plistlib.loads(b"".join(backup.content(file_id, record))))
        except Exception as problem:  # whatever a damaged or forged entry leads to: on to the next
            backup.complain(ascii(file_id), problem)
    if not target:
        print(json.dumps({"files": files, "keychain": keychain}, indent=1))
    return 1 if backup.problems else 0

if __name__ == "__main__":
    *option, folder = sys.argv[1:] or [""]
    if not folder or option and (len(option) != 2 or option[0] != "--extract"):
        sys.exit(__doc__)
    try:
        sys.exit(main(folder, *option[1:]))
    except Exception as problem:
        sys.exit(f"read_backup: {problem!r}")

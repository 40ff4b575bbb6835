"""Says what a backup that stock restic restored holds, with nothing but sqlite3 and hashlib.

Prints JSON: how many files the list names, and SHA-256 of each photo by its path on the phone.
"""
import hashlib
import json
import pathlib
import sqlite3
import sys

backup = pathlib.Path(sys.argv[1])
manifest = sqlite3.connect(f"file:{backup / 'Manifest.db'}?mode=ro&immutable=1", uri=True)
photos = {}
files = 0
for file_id, domain, path in manifest.execute("SELECT fileID, domain, relativePath FROM Files WHERE flags = 1"):
    content = (backup / file_id[:2] / file_id).read_bytes()
    files += 1
    if domain == "CameraRollDomain" and path.startswith("Media/DCIM/"):
        photos[f"/var/mobile/{path}"] = hashlib.sha256(content).hexdigest()
print(json.dumps({"files": files, "photos": photos}))

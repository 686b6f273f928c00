#!/usr/bin/env python3
"""Writes the inputs that fuzzing starts from below fuzz/corpus/: small archives, configurations, and a request for every
operation of docs/operations.md. Needs nothing but Python."""

import gzip
import io
import json
import re
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
OPERATIONS = HERE.parent / "docs" / "operations.md"


def put(target, name, content):
    directory = HERE / "corpus" / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def tar(members, kind=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, content, member_type, link in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = member_type, link, len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue().rstrip(b"\0") + bytes(1024)


def snapshot(version, resource, state):
    mount = {"index": 0, "prefix": "/data/", "mode": "write", "consistency": "lazy", "resource_class": resource}
    mount["resource_state"] = state
    manifest = {"version": version, "mirage_version": "0", "mounts": [mount], "sessions": [], "jobs": [], "history": None}
    manifest |= {"default_session_id": "default", "default_agent_id": None, "current_agent_id": None}
    body = json.dumps(manifest).encode()
    return tar([("manifest.json", body, tarfile.REGTYPE, ""), ("mounts/0/files/0.bin", b"hello", tarfile.REGTYPE, "")])


def archives():
    plain = [
        ("a.txt", b"hello", tarfile.REGTYPE, ""),
        ("d/", b"", tarfile.DIRTYPE, ""),
        ("d/" + "long" * 40 + ".txt", b"x", tarfile.REGTYPE, ""),
        ("d/link", b"", tarfile.SYMTYPE, "../a.txt"),
        ("hard", b"", tarfile.LNKTYPE, "a.txt"),
    ]
    state = {"type": "ram", "files": {"/a": {"__file": "mounts/0/files/0.bin"}}, "dirs": ["/"], "modified": {}}
    seeds = {
        "gnu": tar(plain),
        "pax": tar(plain, tarfile.PAX_FORMAT),
        "ustar": tar(plain[:2], tarfile.USTAR_FORMAT),
        "device": tar([("sda", b"", tarfile.BLKTYPE, "")]),
        "up": tar([("../up", b"x", tarfile.REGTYPE, "")]),
    }
    for version in (2, 3, 5):
        seeds[f"snapshot-{version}"] = snapshot(version, "mirage.resource.ram.ram.RAMResource", state)
    for name, content in seeds.items():
        put("archive", name, b"\0" + content)
        put("archive", name + "-gz", b"\2" + content)
    put("archive", "gzipped", b"\1" + gzip.compress(seeds["gnu"]))


def configurations():
    s3 = {"bucket": "b", "region": "us-east-1", "endpoint_url": "http://localhost:9000", "aws_access_key_id": "k"}
    mounts = {
        "/data": {"resource": "ram", "mode": "read"},
        "/disk": {"type": "disk", "config": {"root": "/srv"}},
        "/s3": {"vfs": "s3", "config": s3 | {"aws_secret_access_key": "${SECRET}"}, "read": "lazy", "ttl": 60},
    }
    whole = {"mounts": mounts, "mode": "write", "env": {"A": "b"}, "default_session_id": "s", "cache": {"limit": "1MB"}}
    put("config", "whole.json", json.dumps(whole))
    for prefix, block in mounts.items():
        put("config", f"one{prefix.replace('/', '-')}.json", json.dumps({"mounts": {prefix: block}}))
    put("config", "yaml", "mounts:\n  /data: &ram\n    resource: ram\n  /more: *ram\nmode: write\n")
    put("config", "flow", "{mounts: {/data: {resource: ram}}, mode: read}")


def requests():
    everything = {
        "id": "w", "session_id": "default", "command": "echo hi", "config": {"mounts": {}}, "message": "m", "ref": "main",
        "branch": "main", "name": "b", "from_branch": "main", "path": "/data/f", "src": "/data/f", "dst": "/data/g",
        "data": "text", "content": "text", "pattern": "*", "offset": 0, "limit": 10, "timeout_s": 1, "cwd": "/data",
        "env": {"A": "b"}, "mode": 420, "allowed_mounts": ["/data:read"], "old": "a", "new": "b", "recursive": True,
    }
    seen = 0
    for method, path in re.findall(r"`(GET|POST|PATCH|PUT|DELETE) (/v1/[^`]*)`", OPERATIONS.read_text()):
        path = path.replace("{id}", "w").replace("{session_id}", "default").replace("{job_id}", "job_1")
        path = re.sub(r"\{[^}]*\}", "x", path)
        for number, body in enumerate(({}, everything, {"path": "/data/f"}, {"command": "ls", "cwd": None})):
            text = "" if method in ("GET", "DELETE") else json.dumps(body)
            put("request", f"{seen}-{number}", f"{method} {path}?background=true&limit=3\napplication/json\n{text}")
        seen += 1
    part = '--B\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = part.format("request", '{"command":"cat"}') + part.format("stdin", "hi") + "--B--\r\n"
    put("request", "multipart", f"POST /v1/workspaces/w/execute\nmultipart/form-data; boundary=B\n{parts}")
    load = "POST /v1/workspaces/load?id=x\napplication/x-tar\n".encode()
    put("request", "load", load + tar([("a", b"x", tarfile.REGTYPE, "")]))
    assert seen > 20, "no operations were found in docs/operations.md"


archives()
configurations()
requests()

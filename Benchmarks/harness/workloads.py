"""The work that every contestant gets, and the figures it is to be done in."""

from dataclasses import dataclass, field
from typing import List, Optional

# What a browser sends with a request for a page of an application: 15 fields, 850 bytes.
BROWSER_FIELDS = [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8",
    "Accept-Language: en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7",
    "Accept-Encoding: gzip, deflate, br, zstd",
    'Sec-CH-UA: "Not/A)Brand";v="8", "Chromium";v="126", "Google Chrome";v="126"',
    "Sec-CH-UA-Mobile: ?0",
    'Sec-CH-UA-Platform: "Linux"',
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Upgrade-Insecure-Requests: 1",
    "Cache-Control: max-age=0",
    "Referer: https://bench.example/chat/conversations/4711?page=2",
    "Cookie: session=7d9f0c1e5b2a4c8d9e0f1a2b3c4d5e6f; theme=dark; csrf=Zm9vYmFyYmF6cXV4; "
    "seen=1718000000; consent=necessary%2Cpreferences%2Cstatistics; visitor=GS1.1.1718000000.12; "
    "locale=en-GB",
    "Priority: u=0, i",
]


@dataclass(frozen=True)
class Workload:
    """One kind of load; `arguments` are those of bench-load."""

    name: str
    title: str
    path: str
    connections: int
    arguments: List[str] = field(default_factory=list)
    # Latency at a fixed rate is measured too.
    has_fixed_rate: bool = False
    # nginx with large buffers runs beside nginx as it comes.
    is_bulk: bool = False
    # Size of a body so large that a window cuts many: requests are counted by bytes then.
    body_bytes: Optional[int] = None
    # CPU per request at most so many times nginx's.
    aim: Optional[float] = None

    def load(self):
        """Arguments of bench-load, without where and how long."""
        return ["--path", self.path, "--connections", str(self.connections), *self.arguments]


def _fields(fields):
    return [part for text in fields for part in ("--field", text)]


WORKLOADS = [
    Workload(
        "get-1k-keepalive-c64", "GET 1 KiB, 64 connections", "/1k", 64,
        has_fixed_rate=True, aim=0.65,
    ),
    Workload(
        "get-1k-browser-c64", "the same with 15 browser fields", "/1k", 64,
        _fields(BROWSER_FIELDS), has_fixed_rate=True, aim=0.65,
    ),
    Workload("get-0b-c512", "GET 0 B, 512 connections", "/0", 512, aim=0.50),
    Workload(
        "get-64k-c64", "GET 64 KiB, 64 connections", "/64k", 64,
        has_fixed_rate=True, is_bulk=True, aim=0.50,
    ),
    Workload(
        "get-64k-chunked-c64", "GET 64 KiB chunked, 64 connections", "/64k-chunked", 64,
        is_bulk=True, aim=0.40,
    ),
    Workload("get-1m-c8", "GET 1 MiB, 8 connections", "/1m", 8, is_bulk=True,
             body_bytes=1 << 20, aim=0.40),
    Workload("get-100m-c4", "GET 100 MiB, 4 connections", "/100m", 4, is_bulk=True,
             body_bytes=100 << 20, aim=0.40),
    Workload(
        "post-64k-c64", "POST 64 KiB, 64 connections", "/upload", 64, ["--post", "65536"],
        has_fixed_rate=True, is_bulk=True, aim=0.60,
    ),
    Workload(
        "connection-per-request", "a connection per request, 64 at a time", "/1k", 64,
        ["--close", "--sources", "8"], aim=0.85,
    ),
    Workload("pipelined-16", "pipelined 16 deep, 64 connections", "/1k", 64, ["--depth", "16"],
             aim=0.65),
]


def named(name):
    for workload in WORKLOADS:
        if workload.name == name:
            return workload
    known = ", ".join(workload.name for workload in WORKLOADS)
    raise SystemExit(f"no workload {name}; there are {known}")

"""What is compared: how each proxy is configured, started and found ready.

All get the same work to do: one listener on 127.0.0.1, one origin, keep-alive on both sides with
128 idle connections kept to the origin, the same five fields set on the way, no access log, the
same class of timeouts.
"""

import json
import re
import subprocess

from . import paths
from .processes import Process, answers, free_port, wait_until
from .tools import find

# Requests that one connection may carry: more than any run sends.
MANY = 1_000_000_000

NGINX = """
daemon off;
worker_processes {workers};
user root;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_timeout 75s;
    keepalive_requests {many};
    client_header_timeout 10s;
    client_body_timeout 60s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_max_temp_file_size 0;
    {tuning}
    upstream origin {{
        server 127.0.0.1:{origin};
        keepalive 128;
        keepalive_requests {many};
        keepalive_timeout 60s;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096{reuse};
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_connect_timeout 2s;
            proxy_read_timeout 60s;
            proxy_send_timeout 60s;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Request-ID $request_id;
        }}
    }}
}}
"""

# Bodies of requests stay in memory, as they do with the others: Debian's 16 KiB would send a body
# of 64 KiB through a file, at three times the cost.
NGINX_PLAIN = "client_body_buffer_size 128k;"

# Buffers as one would set them who knows that bodies are large; the best of seven tried.
NGINX_TUNED = """
    client_body_buffer_size 256k;
    proxy_buffer_size 128k;
    proxy_buffers 4 1m;
    proxy_busy_buffers_size 2m;
"""

HAPROXY = """
global
    nbthread {workers}
    maxconn 16384
    no strict-limits
    pidfile {folder}/haproxy.pid
defaults
    mode http
    option http-keep-alive
    http-reuse always
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout http-request 10s
    timeout http-keep-alive 75s
frontend door
    bind 127.0.0.1:{port} backlog 4096
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Request-ID %[uuid()]
    default_backend origins
backend origins
    server origin 127.0.0.1:{origin} pool-max-conn 128
"""


class Proxy:
    """One contestant; `start` gives a running process with `port` and, if it has one, `admin`."""

    name = ""

    def is_there(self):
        return self.version() is not None

    def version(self):
        raise NotImplementedError

    def launch(self, origin, workers=1, **settings):
        """Starts the program, which may not be ready yet."""
        port = free_port()
        folder = paths.WORKPLACE / self.name / str(port)
        folder.mkdir(parents=True, exist_ok=True)
        command, admin = self.prepare(folder, port, origin, workers, settings)
        running = Process(
            [*settings.get("wrapper", []), *command],
            paths.WORKPLACE / self.name / f"{port}.log",
            settings.get("environment"),
        )
        running.port, running.admin = port, admin
        return running

    def start(self, origin, workers=1, **settings):
        """Starts the program and waits until it serves."""
        running = self.launch(origin, workers, **settings)
        try:
            patience = settings.get("patience", 10)
            wait_until(lambda: self.is_ready(running), running, patience, "ready")
        except BaseException:
            running.stop()
            raise
        return running

    def is_ready(self, running):
        return answers(running.port, "/1k")

    def prepare(self, folder, port, origin, workers, settings):
        """Writes the configuration and returns the command and the admin port, if any."""
        raise NotImplementedError


def output_of(command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return None
    return result.stdout + result.stderr if result.returncode == 0 else None


class Nginx(Proxy):
    def __init__(self, name, tuning):
        self.name = name
        self.tuning = tuning

    def version(self):
        text = output_of([find("nginx") or "nginx", "-v"])
        return text and re.search(r"nginx/([\d.]+)", text).group(1)

    def prepare(self, folder, port, origin, workers, settings):
        configuration = folder / "nginx.conf"
        configuration.write_text(
            NGINX.format(
                workers=workers, folder=folder, port=port, origin=origin, many=MANY,
                tuning=self.tuning, reuse=" reuseport" if workers > 1 else "",
            )
        )
        # A master beside one worker is what one runs; callgrind wants a single process.
        single = ["-g", "master_process off;"] if settings.get("single_process") else []
        return [find("nginx"), "-p", folder, "-c", configuration, "-e", "stderr", *single], None


class HAProxy(Proxy):
    name = "haproxy"

    def version(self):
        text = output_of([find("haproxy") or "haproxy", "-v"])
        return text and re.search(r"version ([\d.]+)", text).group(1)

    def prepare(self, folder, port, origin, workers, settings):
        configuration = folder / "haproxy.cfg"
        configuration.write_text(
            HAPROXY.format(workers=workers, folder=folder, port=port, origin=origin)
        )
        return [find("haproxy"), "-db", "-f", configuration], None


class Switchyard(Proxy):
    name = "switchyard"

    def version(self):
        text = output_of([str(paths.SWITCHYARD), "version"])
        return text and text.strip().splitlines()[0].removeprefix("switchyard").strip()

    def prepare(self, folder, port, origin, workers, settings):
        admin = free_port()
        check = settings.get("health_check", {"path": "/1k"})
        # The path of a health check would not be judged by itself, and most workloads ask for it.
        route = {"service": "backend", "judged": settings.get("judged", True)}
        document = {
            "listeners": [
                {"address": f"127.0.0.1:{port}", "routes": [route]}
            ],
            "services": {"backend": {"health_check": check}},
            "slots": {
                "blue": {"backend": [f"127.0.0.1:{origin}"]},
                "green": {"backend": [f"127.0.0.1:{settings.get('green', origin)}"]},
            },
            "active_slot": "blue",
            "admin": {"address": f"127.0.0.1:{admin}"},
            "state_file": settings.get("state_file"),
            "workers": workers,
            "upstream": {"idle_connections": 128, "idle_timeout": "60s"},
            "forwarded": {"trusted_proxies": []},
        }
        configuration = folder / "proxy.json"
        configuration.write_text(json.dumps(document, indent=2) + "\n")
        return [paths.SWITCHYARD, "serve", configuration], admin

    def is_ready(self, running):
        return answers(running.admin, "/readyz") and answers(running.port, "/1k")


PROXIES = [
    Nginx("nginx", NGINX_PLAIN),
    Nginx("nginx-tuned", NGINX_TUNED),
    HAProxy(),
    Switchyard(),
]


def named(name):
    for proxy in PROXIES:
        if proxy.name == name:
            return proxy
    known = ", ".join(proxy.name for proxy in PROXIES)
    raise SystemExit(f"no contestant {name}; there are {known}")


def present(names=None):
    """The contestants that can be run here, in the order of the table."""
    chosen = [named(name) for name in names] if names else PROXIES
    return [proxy for proxy in chosen if proxy.is_there()]

"""crossing.py: nginx makes room for switchyard under load, by the commands of the document.

Runs in a network of its own, and does by hand what Docker does: a container has an address, and a
published port is a rule that translates addresses. Prints a report as JSON.
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from jail import raise_loopback
from yard import PATIENCE_SECONDS, PROGRAM, ROOT, stack_program

NGINX, BRIDGE, SWITCHYARD = "172.31.0.2", "172.31.0.3", "172.31.0.4"
SLOTS = {"blue": "172.31.0.11", "green": "172.31.0.12"}
HOST, USERS = "10.77.0.1", "10.77.0.2"
PORTS = (8080, 80)
NGINX_FILE = """
daemon off; user root; pid {folder}/{name}.pid; error_log stderr warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream backend {{ server {blue}:8000; }}
    upstream frontend {{ server {blue}:80; }}
    server {{ listen {address}:80; location / {{ proxy_pass http://frontend; }} }}
    server {{ listen {address}:8080; location / {{ proxy_pass http://backend; }} }}
}}
"""


def commands_of_the_document():
    """(those that send new connections to the second nginx, those that end it)."""
    text = (ROOT / "docs/migrate-from-nginx.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ *iptables .*$", text.replace("\\\n", " "), re.MULTILINE)
    return ([line for line in lines if " -I " in line], [line for line in lines if " -D " in line])


def wait(what, condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {PATIENCE_SECONDS} s it is not so that {what}")
        time.sleep(0.05)


def answers(url):
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()
    return ""


class Users:
    """They come from outside: one anew for each request, one who keeps the connection."""

    def __init__(self, network):
        command = [sys.executable, "-B", __file__, "users"]
        self.process = subprocess.Popen(
            ["nsenter", "-t", str(network), "-n", *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def see(self, server):
        """Until that server has answered them on each port."""
        seen = self.tell("report")["seen"]
        wait(f"users see {server}", lambda: all(
            self.tell("report")["seen"].get(f"{port} {server}", 0) >
            seen.get(f"{port} {server}", 0) + 20 for port in PORTS))


class UsersProgram:
    """What runs outside."""

    def __init__(self):
        self.seen, self.failures, self.lock, self.stopped = {}, [], threading.Lock(), False

    def ask(self, connection, port):
        connection.sendall(f"GET /health HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode())
        return self.answer(connection)

    @staticmethod
    def answer(connection):
        received = b""
        while b"\r\n\r\n" not in received:
            received += UsersProgram.some(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        while len(body) < length:
            body += UsersProgram.some(connection)
        return int(head.split()[1]), "nginx" if b"Server: nginx" in head else "switchyard"

    @staticmethod
    def some(connection):
        received = connection.recv(65_536)
        if not received:
            raise ConnectionResetError("closed before the answer's end")
        return received

    def keep_asking(self, port, keep):
        connection = None
        while not self.stopped:
            is_used = connection is not None
            try:
                connection = connection or socket.create_connection((HOST, port), timeout=60)
                status, server = self.ask(connection, port)
                if status != 200:
                    raise OSError(f"status {status} by {server}")
                with self.lock:
                    name = f"{port} {server}"
                    self.seen[name] = self.seen.get(name, 0) + 1
                if keep:
                    time.sleep(0.02)
                    continue
            except OSError as error:
                # A kept connection may be closed at any time, and a GET is then sent again.
                if not (is_used and isinstance(error, ConnectionError)):
                    self.failures.append(f"{port}: {error}")
                    time.sleep(1)
            connection.close() if connection else None
            connection = None

    def run(self):
        threads = [threading.Thread(target=self.keep_asking, args=(port, keep))
                   for port in PORTS for keep in (False, True)]
        for thread in threads:
            thread.start()
        upload = None
        for line in sys.stdin:
            word = line.strip()
            answer = {}
            if word == "begin":
                upload = socket.create_connection((HOST, 8080), timeout=60)
                head = f"POST /api/x HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 8\r\n\r\n"
                upload.sendall(head.encode() + b"half")
            elif word == "finish":
                upload.sendall(b"half")
                answer["answer"] = self.answer(upload)
            elif word == "stop":
                self.stopped = True
                for thread in threads:
                    thread.join()
            with self.lock:
                answer.update(seen=dict(self.seen), failures=list(self.failures))
            print(json.dumps(answer), flush=True)


class Host:
    def __init__(self, folder):
        self.folder, self.processes = pathlib.Path(folder), []
        raise_loopback()
        for address in (NGINX, BRIDGE, SWITCHYARD, *SLOTS.values()):
            self.sh(f"ip addr add {address}/32 dev lo")
        outside = self.launch(["unshare", "--net", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        wait("there is an outside", lambda: os.readlink(f"/proc/{outside.pid}/ns/net") != own)
        self.sh(f"ip link add veth0 type veth peer name veth1 netns {outside.pid}")
        self.sh(f"ip addr add {HOST}/24 dev veth0 && ip link set veth0 up")
        inside = f"nsenter -t {outside.pid} -n ip"
        self.sh(f"{inside} addr add {USERS}/24 dev veth1 && {inside} link set veth1 up")
        self.sh("iptables -t nat -N DOCKER"
                " && iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER")
        self.outside = outside.pid

    def sh(self, command, **environment):
        subprocess.run(["sh", "-euc", command], check=True, env=dict(os.environ, **environment))

    def launch(self, command, **environment):
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=sys.stderr, env=dict(os.environ, **environment))
        self.processes.append(process)
        return process

    def publish(self, address, action="-A"):
        """Both ports of a container, as Docker does; `-D` when it is gone."""
        for port in PORTS:
            self.sh(f"iptables -t nat {action} DOCKER -p tcp --dport {port}"
                    f" -j DNAT --to-destination {address}:{port}")

    def start_nginx(self, name, address):
        text = NGINX_FILE.format(folder=self.folder, name=name, address=address, blue=SLOTS["blue"])
        (self.folder / f"{name}.conf").write_text(text)
        process = self.launch(["nginx", "-p", str(self.folder), "-c", f"{name}.conf"])

        def serves():
            assert process.poll() is None, f"{name} has ended"
            return answers(f"http://{address}:8080/health")
        wait(f"{name} serves", serves)
        return process

    def start_slots(self):
        for slot, address in SLOTS.items():
            config = json.loads((ROOT / "deploy/demo.json").read_text())
            for listener in config["listeners"]:
                listener["address"] = listener["address"].replace("0.0.0.0", address)
            for services in config["slots"].values():
                for service, places in services.items():
                    services[service] = [place.replace("127.0.0.1", stack_program.INSIDES[slot])
                                         for place in places]
            config.update(admin={"address": "127.0.0.1:0"})
            del config["$schema"]
            (self.folder / f"{slot}.json").write_text(json.dumps(config))
            self.launch([PROGRAM, "demo", f"{slot}.json"], ACTIVE_SLOT=slot)
            wait(f"{slot} serves", lambda at=address: answers(f"http://{at}:8000/health"))

    def start_switchyard(self):
        text = (ROOT / "deploy/proxy.json").read_text()
        for slot, address in SLOTS.items():
            text = re.sub(rf"\w+-{slot}:", f"{address}:", text)
        config = json.loads(text)
        for listener in config["listeners"]:
            listener["address"] = listener["address"].replace("0.0.0.0", SWITCHYARD)
        config.update(admin={"address": "127.0.0.1:8081"}, access_log=None,
                      state_file=str(self.folder / "state.json"))
        del config["$schema"]
        (self.folder / "proxy.json").write_text(json.dumps(config))
        self.launch([PROGRAM, "serve", "proxy.json"], ACTIVE_SLOT="blue")
        wait("switchyard serves", lambda: answers(f"http://{SWITCHYARD}:8080/health"))

    def cross(self):
        """The steps of the document."""
        to_the_bridge, from_the_bridge = commands_of_the_document()
        self.start_slots()
        nginx = self.start_nginx("nginx", NGINX)
        self.publish(NGINX)
        users = Users(self.outside)
        users.see("nginx")
        users.tell("begin")

        bridge = self.start_nginx("bridge", BRIDGE)
        for command in to_the_bridge:
            self.sh(command, bridge=BRIDGE)
        nginx.send_signal(signal.SIGQUIT)
        finished = users.tell("finish")["answer"]
        left = [nginx.wait(PATIENCE_SECONDS)]
        self.publish(NGINX, "-D")

        self.start_switchyard()
        self.publish(SWITCHYARD)
        users.see("nginx")
        for command in from_the_bridge:
            self.sh(command, bridge=BRIDGE)
        bridge.send_signal(signal.SIGQUIT)
        left.append(bridge.wait(PATIENCE_SECONDS))
        users.see("switchyard")

        self.sh(f"{shlex.quote(str(ROOT))}/scripts/switch-traffic.sh green >&2",
                SWITCHYARD_TOKEN_FILE=os.devnull)
        users.see("switchyard")
        rules = subprocess.run(["iptables", "-t", "nat", "-S", "PREROUTING"], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.splitlines()
        return dict(users.tell("stop"), finished=finished, left=left, rules=rules,
                    active=answers("http://127.0.0.1:8081/active-slot"))

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE_SECONDS)


def main():
    if sys.argv[1:] == ["users"]:
        UsersProgram().run()
        return
    # Where nginx and iptables are, and not everybody looks.
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    with tempfile.TemporaryDirectory(prefix="switchyard-crossing-") as folder:
        host = Host(folder)
        try:
            report = host.cross()
        finally:
            host.end()
    print(json.dumps(report))


if __name__ == "__main__":
    main()

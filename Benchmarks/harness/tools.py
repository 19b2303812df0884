"""Installs what is missing and builds what is measured."""

import os
import shutil
import subprocess
import sys

from . import paths

# Command, Debian package.
PACKAGES = {
    "nginx": "nginx-light",
    "haproxy": "haproxy",
    "wrk": "wrk",
    "h2load": "nghttp2-client",
    "strace": "strace",
    "valgrind": "valgrind",
}


# The flags of `make build`: other ones would build everything anew.
BUILD = [
    "swift", "build", "--configuration", "release", "--static-swift-stdlib",
    "-Xswiftc", "-use-ld=lld",
]


class Missing(Exception):
    """Something that is needed is not there; the text says what to do."""


def find(command):
    """The path of `command`; system administrators' folders count although PATH may lack them."""
    places = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which(command, path=places)


def say(text):
    print(text, file=sys.stderr, flush=True)


def install(commands):
    """Makes sure that each of `commands` is there, from Debian's packages when run by root."""
    missing = [command for command in commands if not find(command)]
    if not missing:
        return
    packages = " ".join(PACKAGES[command] for command in missing)
    if os.geteuid() != 0 or not find("apt-get"):
        raise Missing(f"missing: {', '.join(missing)}; install {packages} and run this again")
    say(f"installing {packages}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    # A policy of 101 keeps Debian from starting what it has just installed.
    policy = "/usr/sbin/policy-rc.d"
    adds_policy = not os.path.exists(policy)
    try:
        if adds_policy:
            with open(policy, "w") as file:
                file.write("#!/bin/sh\nexit 101\n")
            os.chmod(policy, 0o755)
        quiet = {"env": environment, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-q"], check=True, **quiet)
        install_command = ["apt-get", "install", "-q", "-y", "--no-install-recommends"]
        subprocess.run(install_command + packages.split(), check=True, **quiet)
    except subprocess.CalledProcessError as error:
        raise Missing(f"could not install {packages}: {error}") from error
    finally:
        if adds_policy:
            os.remove(policy)


def build(products):
    """Builds `products` as they are shipped: release, the standard library linked in."""
    for product in products:
        say(f"building {product}")
        result = subprocess.run(
            [*BUILD, "--product", product],
            cwd=paths.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if result.returncode != 0:
            raise Missing(f"{product} does not build:\n{result.stdout}")

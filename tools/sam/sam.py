"""sam.py ARGS is sam ARGS, but waits until the runtime in a container listens.

SAM waits until it can connect to the container's port. Where Docker's proxy holds that
port it can at once, since the proxy accepts before anything listens behind it; then SAM
tries for less than half a second, says "No response from invoke container", and the
function was never called. A runtime on an emulated processor, or on a machine under
load, needs longer to start. Here SAM waits for an answer instead; 404 is one. How long,
in seconds, is SAM's own SAM_CLI_CONTAINER_CONNECTION_TIMEOUT.
https://github.com/aws/aws-sam-cli/issues/3714
"""

import socket
import sys

from samcli.cli.main import cli
from samcli.local.docker.container import Container


def answers(self) -> bool:
    """Reports whether the runtime answers an HTTP request that calls no function."""
    try:
        with socket.create_connection((self._container_host, self.rapid_port_host), timeout=5) as s:
            s.sendall(b"GET /listening HTTP/1.0\r\n\r\n")
            return s.recv(5) == b"HTTP/"
    except OSError:
        return False


if not callable(getattr(Container, "_can_connect_to_socket", None)):
    sys.exit("sam.py: this version of SAM waits in another way: look at samcli/local/docker/container.py")
Container._can_connect_to_socket = answers

if __name__ == "__main__":
    sys.argv[0] = "sam"
    sys.exit(cli())

"""A server that says its name to whoever asks."""

import argparse
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Name(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = f"{os.environ['POD_NAME']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name)


def main() -> None:
    parser = argparse.ArgumentParser(description="Say POD_NAME to whoever asks.")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    with ThreadingHTTPServer((options.host, options.port), Name) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()

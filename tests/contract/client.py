"""A Kubernetes client that shares no code with Ebb: Python's standard library only.

Knows just enough of a kubeconfig (token, CA, server) for the two servers that the contract tests are run against.
"""
import base64
import http.client
import json
import pathlib
import re
import ssl
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    def __init__(self, kubeconfig):
        text = pathlib.Path(kubeconfig).read_text()

        def value(key):
            found = re.search(rf'\b{key}: *"?([^"\s,}}]+)', text)
            return found.group(1) if found else None

        self.server = urllib.parse.urlsplit(value("server"))
        self.token = value("token")
        data = value("certificate-authority-data")
        self.tls = ssl.create_default_context(
            cafile=None if data else value("certificate-authority"),
            cadata=base64.b64decode(data).decode() if data else None)

    def connect(self, timeout=30):
        return http.client.HTTPSConnection(self.server.hostname, self.server.port, timeout=timeout, context=self.tls)

    def call(self, method, path, body=None, content_type="application/json", accept="application/json", token=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        connection = self.connect()
        headers = {"Authorization": f"Bearer {token or self.token}", "Accept": accept, "User-Agent": "contract/1"}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def watch(self, path, timeout=10, **query):
        """Yields the events of a watch, until the server ends it."""
        query = {"watch": "1", "timeoutSeconds": str(timeout), **query}
        connection = self.connect(timeout=timeout + 10)
        connection.request("GET", path + "?" + urllib.parse.urlencode(query), headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"})
        response = connection.getresponse()
        try:
            if response.status != 200:
                yield {"type": "ERROR", "object": json.loads(response.read())}
                return
            for line in response:
                if line.strip():
                    yield json.loads(line)
        finally:
            connection.close()

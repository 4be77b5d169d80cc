"""A signed-in person's requests through the whole WSGI application, without a server in between."""

from io import BytesIO
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.test import Client

CSRF = "a" * 32


class Browser:
    def __init__(self, user):
        client = Client()
        client.force_login(user)
        self.cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={CSRF}"
        self.application = get_wsgi_application()

    def get(self, path: str) -> str:
        return self._request("GET", path)

    def post(self, path: str, fields: dict) -> str:
        return self._request("POST", path, urlencode(fields).encode())

    def _request(self, method: str, path: str, body: bytes = b"") -> str:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "HTTP_HOST": "127.0.0.1",
            "HTTP_COOKIE": self.cookies,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_CSRFTOKEN": CSRF,
            "HTTP_HX_REQUEST": "true",
            "wsgi.input": BytesIO(body),
        }
        setup_testing_defaults(environ)
        statuses: list[str] = []
        response = self.application(environ, lambda status, headers: statuses.append(status))
        try:
            page = b"".join(response).decode()
        finally:
            response.close()  # ends the request: Django gives connections back here
        if not statuses[0].startswith("200"):
            raise AssertionError(f"{method} {path}: {statuses[0]}\n{page[:500]}")
        return page

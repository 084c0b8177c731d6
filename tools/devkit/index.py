"""The package index and certificates that this machine is set up to use.

uv does not read pip's configuration, while most machines behind a mirror are configured for pip;
so pip's settings are handed on wherever uv's own are absent. No index is named here.
"""

from __future__ import annotations

import configparser
import os
from pathlib import Path

#: Variables that name the one index to use instead of the default, strongest first.
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
#: Variables that name a certificate bundle, strongest first.
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def pip_setting(name: str) -> str | None:
    """A `[global]` or `[install]` value of pip's configuration files; the user's file wins over the machine's."""
    config_home = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    files = [
        Path("/etc/pip.conf"),
        Path.home() / ".pip" / "pip.conf",
        Path.home() / "Library" / "Application Support" / "pip" / "pip.conf",
        config_home / "pip" / "pip.conf",
    ]
    if "PIP_CONFIG_FILE" in os.environ:
        files.append(Path(os.environ["PIP_CONFIG_FILE"]))
    parser = configparser.RawConfigParser()
    try:
        parser.read(files, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return None
    for section in ("install", "global"):
        value = parser.get(section, name, fallback="").strip()
        if value:
            return value
    return None


def configured_index() -> str | None:
    for name in INDEX_VARIABLES:
        if os.environ.get(name):
            return os.environ[name]
    return pip_setting("index-url")


def certificate_file() -> str | None:
    for name in CERTIFICATE_VARIABLES:
        if os.environ.get(name) and Path(os.environ[name]).is_file():
            return os.environ[name]
    return pip_setting("cert")


def uv_environment() -> dict[str, str]:
    """Environment for uv: this machine's index and certificates, patience for slow mirrors, no downloaded Python."""
    env = dict(os.environ)
    index = configured_index()
    if index:
        env.setdefault("UV_DEFAULT_INDEX", index)
    certificates = certificate_file()
    if certificates:
        env.setdefault("SSL_CERT_FILE", certificates)
    env.setdefault("UV_HTTP_TIMEOUT", env.get("PIP_DEFAULT_TIMEOUT", "120"))
    env.setdefault("UV_PYTHON_DOWNLOADS", "never")
    env["UV_NO_PROGRESS"] = "1"
    return env

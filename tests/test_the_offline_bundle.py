"""The parts of `./dev bundle` and of its installer that need no network; docs/offline-install.md tells the whole."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from devkit import bundle, licences
from devkit.base import SetupFailed

TOOLS = Path(__file__).resolve().parents[1] / "tools"


def installer() -> ModuleType:
    """install.py as the target runs it: a script of its own that imports nothing of the checkout."""
    spec = importlib.util.spec_from_file_location(
        "anlan_install", TOOLS / "devkit" / "offline" / "install.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    folder = tmp_path / "anlan-0.1.0-linux-x86_64"
    (folder / "wheels").mkdir(parents=True)
    (folder / "install.sh").write_text("#!/bin/sh\n")
    (folder / "wheels" / "a-1.whl").write_bytes(b"wheel")
    (folder / bundle.SUMS).write_text(bundle.sums_text(folder))
    return folder


def wheel_of(folder: Path, name: str, *metadata: str) -> Path:
    path = folder / name
    project, version = name.split("-")[:2]
    with zipfile.ZipFile(path, "w") as archive:
        lines = [f"Name: {project}", f"Version: {version}", *metadata]
        archive.writestr(f"{project}-{version}.dist-info/METADATA", "\n".join(lines) + "\n")
    return path


def check_sums(name: str, *, cwd: Path) -> None:
    """What a person at the target runs; the machine with Python only has no sha256sum."""
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not installed")
    subprocess.run(["sha256sum", "--check", "--quiet", name], cwd=cwd, check=True)


def test_each_project_is_pinned_with_the_hash_of_every_wheel(tmp_path: Path) -> None:
    first = wheel_of(tmp_path, "Some_Thing-1.2-cp311-cp311-manylinux_2_28_x86_64.whl")
    second = wheel_of(tmp_path, "Some_Thing-1.2-cp312-cp312-manylinux_2_28_x86_64.whl", "Summary: another")
    hashes = sorted(bundle.sha256_of(path) for path in (first, second))
    expected = f"some-thing==1.2 --hash=sha256:{hashes[0]} --hash=sha256:{hashes[1]}\n"
    assert bundle.requirements_text([second, first]) == expected


def test_two_versions_of_one_project_are_not_packed(tmp_path: Path) -> None:
    wheels = [wheel_of(tmp_path, f"thing-{version}-py3-none-any.whl") for version in ("1.0", "1.1")]
    with pytest.raises(SetupFailed, match=r"two versions of thing: 1\.0, 1\.1"):
        bundle.requirements_text(wheels)


def test_the_usual_tool_and_the_installer_accept_what_was_packed(packed: Path) -> None:
    check_sums(bundle.SUMS, cwd=packed)
    installer().check_files(packed)


def test_a_damaged_and_a_lost_file_are_named_before_anything_is_installed(packed: Path) -> None:
    (packed / "wheels" / "a-1.whl").write_bytes(b"whEel")
    (packed / "install.sh").unlink()
    script = installer()
    with pytest.raises(script.CannotInstall, match=r"install\.sh, wheels/a-1\.whl"):
        script.check_files(packed)


def test_the_same_contents_give_the_same_file(packed: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name / "bundle.tar.gz" for name in ("one", "two")]
    for out in outs:
        bundle.pack(packed, out)
        (packed / "install.sh").touch()
    assert outs[0].read_bytes() == outs[1].read_bytes()
    check_sums("bundle.tar.gz.sha256", cwd=outs[1].parent)
    with tarfile.open(outs[0]) as archive:
        modes = {member.name.rpartition("/")[2]: member.mode for member in archive}
        assert {member.uid for member in archive} == {0}
    assert (modes["install.sh"], modes["a-1.whl"]) == (0o755, 0o644)


@pytest.mark.parametrize(
    ("pythons", "name"),
    [
        (bundle.PYTHONS, "anlan-0.1.0-linux-aarch64"),
        (("3.11",), "anlan-0.1.0-linux-aarch64-py311"),
    ],
)
def test_a_bundle_is_named_after_the_machines_it_is_for(pythons: tuple[str, ...], name: str) -> None:
    assert bundle.Target("aarch64", pythons).bundle_name("0.1.0") == name


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("pythons", "3.99", r"CPython 3\.99"),
        ("machine", "mips", "Linux on mips"),
        ("glibc", "99.0", r"glibc 99\.0"),
    ],
)
def test_another_machine_is_refused_with_what_it_would_have_to_be(field: str, value: str, says: str) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    about = {"pythons": here, "machine": bundle.this_machine(), "glibc": "2.17"}
    script = installer()
    with pytest.raises(script.CannotInstall, match=says):
        script.check_machine(about | {field: value})


def test_the_launcher_starts_a_program_whose_folder_has_a_blank(tmp_path: Path) -> None:
    program = tmp_path / "opt an" / "program"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$1"\n')
    program.chmod(0o755)
    launcher = installer().write_launcher(tmp_path / "bin" / "anlan", program)
    said = subprocess.run([launcher, "two words"], capture_output=True, text=True, check=True)
    assert said.stdout == "two words\n"


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        (["License-Expression: BSD-3-Clause", "License: other"], "BSD-3-Clause"),
        (["Classifier: License :: OSI Approved :: MIT License", "License: see file"], "MIT License"),
        (["License: MIT"], "MIT"),
        ([], "see the texts in the wheel"),
    ],
)
def test_a_package_s_licence_is_read_from_its_wheel(
    tmp_path: Path, metadata: list[str], licence: str
) -> None:
    wheel = wheel_of(tmp_path, "thing-1.0-py3-none-any.whl", *metadata, "Home-page: https://example.org")
    assert licences.of_wheel(wheel) == ("thing", "1.0", licence, "https://example.org")

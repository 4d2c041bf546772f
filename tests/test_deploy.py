"""What docs/deploy says agrees with the program: versions, variables, ports, probes, and what may be written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes_web import fake

import server
from assistant.__main__ import main as assistant
from assistant.api.scopes import OPEN_PATHS
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES: list[dict[str, Any]] = [
    each
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
PODS = {
    each["metadata"]["name"]: each["spec"]["template"]["spec"]
    for each in KUBERNETES
    if "template" in each["spec"]
}
CONTAINERS = [container for pod in PODS.values() for container in pod["containers"]]
FOOTNOTE = next(each for each in CONTAINERS if each["name"] == "footnote")
PORT = 8000


def pinned(name: str) -> str:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}==(.*)$", text, re.MULTILINE)
    assert found
    return found[1]


def test_chroma_is_the_published_image_of_the_pinned_version() -> None:
    images = [each["image"] for each in CONTAINERS if each["name"] == "chroma"]
    assert {*images, COMPOSE["services"]["chroma"]["image"]} == {f"chromadb/chroma:{pinned('chromadb')}"}


def variables() -> Iterator[tuple[str, str]]:
    """Every variable that is set, with its value."""
    yield from COMPOSE["services"]["footnote"]["environment"].items()
    for container in CONTAINERS:
        yield from ((each["name"], each["value"]) for each in container.get("env", ()))
    yield from re.findall(r"(ASSISTANT_\w+)=(\S+)", DOCKERFILE)


def test_every_variable_is_a_setting_and_its_value_can_be_used() -> None:
    given = dict(variables())
    assert {"ASSISTANT_CHROMA_URL", "ASSISTANT_WORKERS", "ASSISTANT_DATA", "ASSISTANT_HOST"} <= given.keys()
    fields = {f"ASSISTANT_{name.upper()}": name for name in Settings.model_fields}
    assert given.keys() <= fields.keys()
    for name, value in variables():
        Settings.model_validate({fields[name]: value})


def test_ports_and_probes_are_those_of_the_server() -> None:
    app = server.create_app(fake(), ())
    routes = {getattr(route, "path", "") for route in app.router.routes} | set(app.openapi()["paths"])
    probes = [
        FOOTNOTE[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")
    ]
    assert probes == ["/readyz", "/readyz", "/healthz"]
    checks = [DOCKERFILE, *COMPOSE["services"]["footnote"]["healthcheck"]["test"]]
    asked = [path for text in checks for path in re.findall(rf"http://127\.0\.0\.1:{PORT}(/\w+)", text)]
    assert asked == ["/readyz", "/readyz"]
    assert {*probes, *asked} <= routes
    assert {*probes, *asked} <= {*OPEN_PATHS}  # a probe has no key
    assert FOOTNOTE["ports"] == [{"name": "http", "containerPort": PORT}]
    assert dict(variables())["ASSISTANT_PORT"] == str(PORT)
    assert COMPOSE["services"]["footnote"]["ports"] == [f"{PORT}:{PORT}"]
    assert f"EXPOSE {PORT}" in DOCKERFILE.splitlines()
    urls = {value for name, value in variables() if name == "ASSISTANT_CHROMA_URL"}
    (chroma,) = [
        each for each in KUBERNETES if each["kind"] == "Service" and each["metadata"]["name"] == "chroma"
    ]
    assert urls == {f"http://chroma:{chroma['spec']['ports'][0]['port']}"}


def test_a_stop_leaves_time_for_answers() -> None:
    stop = int(dict(variables())["ASSISTANT_STOP_SECONDS"])
    assert PODS["footnote"]["terminationGracePeriodSeconds"] > stop
    assert int(COMPOSE["services"]["footnote"]["stop_grace_period"].removesuffix("s")) > stop


@pytest.mark.parametrize("name", ["footnote", "footnote-first-key"])
def test_nothing_runs_as_root_or_writes_beside_its_volumes(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    (container,) = pod["containers"]
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    user = pod["securityContext"]["runAsUser"]
    assert f"USER {user}:{pod['securityContext']['runAsGroup']}" in DOCKERFILE.splitlines()
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    given = dict(variables())
    assert {given["ASSISTANT_DATA"], "/tmp"} <= mounted


def test_compose_is_as_strict() -> None:
    service = COMPOSE["services"]["footnote"]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert {volume.partition(":")[2] for volume in service["volumes"]} == {"/corpus", "/data"}
    assert "ports" not in COMPOSE["services"]["chroma"]
    used = {volume.partition(":")[0] for each in COMPOSE["services"].values() for volume in each["volumes"]}
    assert used == COMPOSE["volumes"].keys()
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).is_file()


def test_the_image_takes_torch_first_and_all_that_the_package_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
    torch = next(each for each in project["project"]["dependencies"] if each.startswith("torch"))
    assert installs[0].endswith(f" {torch}")
    assert "--constraint constraints.txt" in installs[1]
    copied = [
        name for line in re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    ]
    assert all((ROOT / name).exists() for name in copied)
    packages = {name.partition(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    modules = {f"{name}.py" for name in project["tool"]["setuptools"]["py-modules"]}
    assert {*packages, *modules, "pyproject.toml", "constraints.txt"} <= set(copied)
    extras = re.search(r'"\.\[(.*)\]"', installs[1])
    assert extras
    assert {*extras[1].split(",")} <= project["project"]["optional-dependencies"].keys()


def test_the_first_key_is_made_as_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    command: list[str] = PODS["footnote-first-key"]["containers"][0]["command"]
    assert command[:3] == ["python", "-m", "assistant"]
    assert assistant(command[3:]) == 0
    assert "first" in capsys.readouterr().out
    (volume, _) = PODS["footnote-first-key"]["volumes"]
    stateful = next(
        each for each in KUBERNETES if each["metadata"]["name"] == "footnote" and "template" in each["spec"]
    )
    claims = {f"{each['metadata']['name']}-footnote-0" for each in stateful["spec"]["volumeClaimTemplates"]}
    assert volume["persistentVolumeClaim"]["claimName"] in claims


def test_labels_lead_to_pods() -> None:
    labels = [
        each["spec"]["template"]["metadata"]["labels"] for each in KUBERNETES if "template" in each["spec"]
    ]
    for each in KUBERNETES:
        selector = each["spec"].get("selector") or each["spec"].get("podSelector") or {}
        wanted = selector.get("matchLabels", selector)
        assert not wanted or wanted in labels
        ports = [port["targetPort"] for port in each["spec"].get("ports", ()) if "targetPort" in port]
        assert all(port == "http" for port in ports)

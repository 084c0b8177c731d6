"""A rich incident for tests of case files: a flood night with orders and teams, a warning with its call-out, a paper, photos, a roster."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from anlan.attachments.services import keep
from anlan.command import plotting
from anlan.command.models import Decision, Scene
from anlan.directory.rostering import plan_shift
from anlan.dispatch.services import issue_instruction
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.sealer import seal_everything
from anlan.papers import services as papers
from anlan.papers.builders import build_of
from anlan.review.models import CaseFile
from anlan.review.services import make_case_file
from anlan.testing import County
from anlan.vocab.posts import PostKind
from anlan.warning import services as warnings


def rich(county: County, *, division: str = "Yunling") -> Incident:
    """Everything that a night leaves behind, by the ordinary verbs."""
    chen, at = county.actor("Chen"), county.now
    upper = county.divisions["Upper Willow"]
    plan_shift(
        county.posts[PostKind.COUNTY_DUTY, "Yunling"],
        county.people["Chen"],
        starts_at=at - timedelta(hours=2),
        ends_at=at + timedelta(hours=10),
        by=county.by,
        at=at,
    )
    draft = warnings.draft_by_hand(hazard_type="flash_flood", level=2, villages=[upper.code], by=chen, at=at)
    warnings.sign_off(draft, by=county.actor("Wang"), at=at)
    details = IncidentDetails(
        "柳河山洪", "flash_flood", county.divisions[division], "township", at, lon=102.92, lat=27.41,
        course="凌晨暴雨，柳河陡涨，<三户>进水。",
    )  # fmt: skip
    row = incidents.open_incident(details, by=chen, at=at)
    incidents.add_figure(row, FigureDetails("evacuated", Decimal(41), "柳河镇", at), by=chen, at=at)
    issue_instruction(
        incident=row, title="转移柳边三户", words="=立即转移", addressee=upper, origin="free", by=county.actor("Wang"),
        by_name="王建国", at=at,
    )  # fmt: skip
    Scene(
        incident=row, number=1, name="南堤", priority=1, division=upper, opened_at=at, state="reported", lon=102.93, lat=27.42
    ).record(by=chen, at=at)  # fmt: skip
    point = {"type": "Point", "coordinates": [102.925, 27.415]}
    plotting.place_mark(
        row, symbol="shelter", geometry=point, label="上柳小学", by=chen, by_name="陈静", at=at
    )
    Decision(incident=row, words="开放小学安置", made_at=at, made_by_name="王建国").record(by=chen, at=at)
    keep([b"\xff\xd8\xff photo of the dyke"], subject=f"incident:{row.pk}", division=row.division, name="南堤.jpg", sender="李梅", by=chen, at=at)  # fmt: skip
    keep(
        [b"#!AMR\n spoken words"],
        subject=f"incident:{row.pk}",
        division=row.division,
        name="来电.amr",
        by=chen,
        at=at,
    )
    papers.make_paper(build_of("flash", "incident", row, at=at), by=chen, at=at)
    seal_everything()
    return row


def made(county: County, row: Incident, who: str = "Wang") -> CaseFile:
    actor = county.actor(who)
    return make_case_file(row, by=actor, by_name=actor.name, at=county.now)


def unpacked(path: Path, where: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        archive.extractall(where)
    return where

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.directory import services
from anlan.directory.checks import ORDER, Finding, run_checks
from anlan.directory.models import Contact, HoldingRole
from anlan.testing import County
from anlan.vocab.posts import PostKind


@pytest.fixture
def sound(county: County) -> County:
    """The county after somebody put everything right: deputies in the townships, every number verified."""
    for name, township in (("Zhou", "Willow River"), ("Wu", "Stone Bridge")):
        post = services.ensure_post(
            PostKind.TOWNSHIP_DUTY, division=county.divisions[township], by=county.by, at=county.now
        )
        services.appoint(post, county.people[name], role=HoldingRole.B, by=county.by, at=county.now)
    verify_all(county)
    return county


def verify_all(county: County) -> None:
    for contact in Contact.objects.filter(used_to=None):
        services.verify_contact(contact, by=county.by, at=county.now)


def found(county: County, actor: str = "Chen") -> list[Finding]:
    return run_checks(county.actor(actor), county.now)


def codes(county: County, actor: str = "Chen") -> list[str]:
    return [finding.code for finding in found(county, actor)]


def test_a_sound_county_has_no_findings(sound: County) -> None:
    assert found(sound) == []


def test_a_village_without_an_officer_comes_first(sound: County) -> None:
    services.end_holding(sound.holdings["Wu"], by=sound.by, at=sound.now)
    services.end_contact(sound.people["Zhao"].contacts.get(), by=sound.by, at=sound.now)
    assert [(one.code, one.division_name) for one in found(sound)] == [
        ("village.no_officer", "北坡村"),
        ("person.no_number", "上柳村"),
    ]


def test_first_and_deputy_on_one_number_are_found_and_the_number_is_masked(sound: County) -> None:
    services.set_contact(sound.people["Qian"], kind="mobile", value="10000000008", by=sound.by, at=sound.now)
    verify_all(sound)
    assert codes(sound) == ["post.same_number", "number.shared"]
    sentence = found(sound)[0].sentence()
    assert "100****0008" in sentence
    assert "10000000008" not in sentence


def test_one_number_of_two_people_in_different_villages_is_found(sound: County) -> None:
    services.set_contact(sound.people["Wu"], kind="mobile", value="10000000008", by=sound.by, at=sound.now)
    verify_all(sound)
    assert codes(sound) == ["number.shared"]
    assert set(found(sound)[0].person_ids) == {sound.people["Wu"].pk, sound.people["Zhao"].pk}


def test_a_landline_shared_by_a_desk_is_no_finding(sound: County) -> None:
    for name in ("Chen", "Feng"):
        services.set_contact(
            sound.people[name], kind="landline", value="0875-2000000", by=sound.by, at=sound.now
        )
    verify_all(sound)
    assert found(sound) == []


def test_an_officer_of_two_villages_is_found_once(sound: County) -> None:
    post = sound.posts[PostKind.INFORMATION_OFFICER, "North Slope"]
    services.appoint(post, sound.people["Zhao"], by=sound.by, at=sound.now)
    finding = next(one for one in found(sound) if one.code == "officer.several_villages")
    assert finding.data["divisions"] == "上柳村、北坡村"
    assert codes(sound).count("officer.several_villages") == 1


def test_a_number_is_due_for_verification_after_a_quarter(sound: County) -> None:
    sound.clock.advance(days=92)
    assert found(sound) == []
    sound.clock.advance(days=1)
    assert set(codes(sound)) == {"number.verified_long_ago"}


def test_a_new_number_was_never_verified(sound: County) -> None:
    services.set_contact(sound.people["Zhao"], kind="mobile", value="10000000090", by=sound.by, at=sound.now)
    assert codes(sound) == ["number.never_verified"]


def test_a_township_without_a_deputy_is_found(county: County) -> None:
    verify_all(county)
    assert [(one.code, one.division_name) for one in found(county)] == [
        ("township.no_deputy", "柳河镇"),
        ("township.no_deputy", "石桥镇"),
    ]


def test_a_township_is_told_about_itself_only(county: County) -> None:
    verify_all(county)
    assert [one.division_name for one in found(county, "Liu")] == ["石桥镇"]
    assert found(county, "Guo") == []


def test_the_checks_of_a_past_minute_tell_what_was_wrong_then(sound: County) -> None:
    sound.clock.advance(minutes=5)
    services.end_holding(sound.holdings["Wu"], by=sound.by, at=sound.now)
    assert run_checks(sound.actor("Chen"), sound.now - timedelta(minutes=1)) == []


def test_every_code_has_its_place_in_the_order_and_its_sentence() -> None:
    for code in ORDER:
        assert Finding(code, "", "").text


def test_the_checks_cost_five_queries(
    county: County, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    chen = county.actor("Chen")
    with django_assert_num_queries(5):  # type: ignore[operator]  # pytest-django's fixture is a context manager
        run_checks(chen, county.now)

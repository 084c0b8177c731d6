from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.directory import queries, services
from anlan.directory.models import Contact, Holding, HoldingRole
from anlan.directory.refusals import AlreadyEnded, EndBeforeStart, NotANumber, UnknownLabel, WrongTier
from anlan.journal.verify import verify
from anlan.testing import County
from anlan.vocab.posts import PostKind

OFFICER = PostKind.INFORMATION_OFFICER.value
UPPER, LOWER = "999901101201", "999901101202"


def names(county: County, code: str, minutes_ago: float = 0) -> list[str]:
    at = county.now - timedelta(minutes=minutes_ago)
    return [holder.name for holder in queries.holders(OFFICER, [code], at)[code]]


def test_the_a_role_comes_before_the_b_role(county: County) -> None:
    assert names(county, UPPER) == ["赵春兰", "钱进"]
    assert names(county, LOWER) == ["周平"]


def test_a_post_without_anybody_is_an_empty_list(county: County) -> None:
    found = queries.holders(OFFICER, [UPPER, "999901101999"], county.now)
    assert found["999901101999"] == []


def test_any_past_minute_knows_who_was_responsible(county: County) -> None:
    post = county.posts[PostKind.INFORMATION_OFFICER, "Upper Willow"]
    county.clock.advance(minutes=60)
    services.appoint(post, county.people["Zhou"], by=county.actor("Li"), at=county.now)
    county.clock.advance(minutes=60)
    services.end_holding(county.holdings["Qian"], by=county.actor("Li"), at=county.now)
    county.clock.advance(minutes=60)

    assert names(county, UPPER) == ["周平"]
    assert names(county, UPPER, minutes_ago=61) == ["周平", "钱进"]
    assert names(county, UPPER, minutes_ago=121) == ["赵春兰", "钱进"]
    assert names(county, UPPER, minutes_ago=181) == []


def test_an_interval_begins_with_its_first_moment_and_ends_before_its_last(county: County) -> None:
    began = county.now
    county.clock.advance(minutes=1)
    services.end_holding(county.holdings["Zhou"], by=county.by, at=county.now)
    assert len(queries.holders(OFFICER, [LOWER], began)[LOWER]) == 1
    assert len(queries.holders(OFFICER, [LOWER], county.now)[LOWER]) == 0


def test_a_change_says_who_made_it(county: County) -> None:
    li = county.actor("Li")
    post = county.posts[PostKind.INFORMATION_OFFICER, "Upper Willow"]
    services.appoint(post, county.people["Zhou"], by=li, at=county.now)
    by = Holding.objects.filter(post=post, role="A").order_by("held_to").values_list("changed_by", flat=True)
    assert set(by) == {li.ref}


def test_a_deputy_who_becomes_the_first_leaves_the_b_role(county: County) -> None:
    county.clock.advance(minutes=1)
    post = county.posts[PostKind.INFORMATION_OFFICER, "Upper Willow"]
    services.appoint(post, county.people["Qian"], role=HoldingRole.A, by=county.by, at=county.now)
    assert names(county, UPPER) == ["钱进"]


def test_appointing_twice_changes_nothing(county: County) -> None:
    before = Holding.objects.count()
    post = county.posts[PostKind.INFORMATION_OFFICER, "Upper Willow"]
    again = services.appoint(post, county.people["Zhao"], by=county.by, at=county.now)
    assert again == county.holdings["Zhao"]
    assert Holding.objects.count() == before


def test_an_ended_holding_cannot_end_again_nor_before_it_began(county: County) -> None:
    with pytest.raises(EndBeforeStart):
        services.end_holding(county.holdings["Zhao"], by=county.by, at=county.now - timedelta(minutes=1))
    services.end_holding(county.holdings["Zhao"], by=county.by, at=county.now)
    with pytest.raises(AlreadyEnded):
        services.end_holding(county.holdings["Zhao"], by=county.by, at=county.now)


def test_a_post_sits_at_its_own_level_only(county: County) -> None:
    with pytest.raises(WrongTier):
        services.ensure_post(
            PostKind.COUNTY_DUTY, division=county.divisions["Upper Willow"], by=county.by, at=county.now
        )


def test_a_new_number_ends_the_old_one_and_the_past_keeps_it(county: County) -> None:
    zhao = county.people["Zhao"]
    county.clock.advance(minutes=10)
    services.set_contact(zhao, kind="mobile", value="１００ 0000 0099", by=county.by, at=county.now)
    now = queries.contact_points([zhao.pk], county.now)[zhao.pk]
    then = queries.contact_points([zhao.pk], county.now - timedelta(minutes=1))[zhao.pk]
    assert [point.value for point in now] == ["10000000099"]
    assert [point.value for point in then] == ["10000000008"]


def test_the_same_number_again_changes_nothing(county: County) -> None:
    before = Contact.objects.count()
    services.set_contact(
        county.people["Zhao"], kind="mobile", value="100-0000-0008", by=county.by, at=county.now
    )
    assert Contact.objects.count() == before


def test_a_number_that_cannot_be_called_is_refused_and_the_old_one_stays(county: County) -> None:
    zhao = county.people["Zhao"]
    with pytest.raises(NotANumber):
        services.set_contact(zhao, kind="mobile", value="1000000", by=county.by, at=county.now)
    assert [point.value for point in queries.contact_points([zhao.pk], county.now)[zhao.pk]] == [
        "10000000008"
    ]


def test_a_check_of_a_number_is_known_from_that_moment_on(county: County) -> None:
    zhao = county.people["Zhao"]
    county.clock.advance(minutes=5)
    services.verify_contact(zhao.contacts.get(), by=county.by, at=county.now)
    assert queries.contact_points([zhao.pk], county.now)[zhao.pk][0].verified_at == county.now
    earlier = county.now - timedelta(minutes=1)
    assert queries.contact_points([zhao.pk], earlier)[zhao.pk][0].verified_at is None


def test_mobiles_come_before_landlines_and_mail(county: County) -> None:
    zhao = county.people["Zhao"]
    for kind, value in (("email", "zhao@example.cn"), ("landline", "10000000098")):
        services.set_contact(zhao, kind=kind, value=value, by=county.by, at=county.now)
    kinds = [point.kind for point in queries.contact_points([zhao.pk], county.now)[zhao.pk]]
    assert kinds == ["mobile", "landline", "email"]


def test_the_responsible_of_many_villages_cost_four_queries(
    county: County, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    codes = [place.code for place in county.villages]
    with django_assert_num_queries(4):  # type: ignore[operator]  # pytest-django's fixture is a context manager
        found = queries.responsible(codes, county.now, [PostKind.VILLAGE_SECRETARY, OFFICER])
    assert [holder.points[0].value for holder in found[UPPER]] == ["10000000008", "10000000009"]


def test_a_number_leads_to_everybody_who_uses_it(county: County) -> None:
    services.set_contact(
        county.people["Qian"], kind="mobile", value="10000000008", by=county.by, at=county.now
    )
    found = queries.people_with_number("+86 100 0000 0008", county.now)
    assert {one.name for one in found} == {"赵春兰", "钱进"}
    assert queries.people_with_number("not a number", county.now) == []


def test_one_person_carries_several_labels_and_skills(county: County) -> None:
    zhao = services.set_labels(
        county.people["Zhao"],
        labels=["information_officer", "grid_worker", "grid_worker"],
        skills=["急救"],
        registration_no="YL-0001",
        by=county.by,
        at=county.now,
    )
    zhao.refresh_from_db()
    assert (zhao.labels, zhao.skills, zhao.registration_no) == (
        ["information_officer", "grid_worker"],
        ["急救"],
        "YL-0001",
    )
    with pytest.raises(UnknownLabel):
        services.set_labels(zhao, labels=["hero"], by=county.by, at=county.now)


def test_the_journal_folds_back_into_the_directory(county: County) -> None:
    county.clock.advance(minutes=1)
    services.appoint(
        county.posts[PostKind.INFORMATION_OFFICER, "Upper Willow"],
        county.people["Zhou"],
        by=county.by,
        at=county.now,
    )
    services.set_contact(
        county.people["Zhou"], kind="mobile", value="10000000097", by=county.by, at=county.now
    )
    services.rename_person(county.people["Wu"], name="吴俊", by=county.by, at=county.now)
    assert verify().problems == []

"""Who is responsible, seen and edited in a browser or on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.directory import queries, services
from anlan.directory.models import Contact, Holding, HoldingRole, Person
from anlan.journal.models import Entry
from anlan.testing import County
from anlan.vocab.posts import PostKind

OFFICER = PostKind.INFORMATION_OFFICER.value


def page(county: County, name: str, place: str = "Upper Willow", query: str = "") -> str:
    where = reverse("console:division", args=[county.divisions[place].code])
    return county.client(name).get(where + query).content.decode()


def appoint(county: County, who: str, place: str, /, **form: str) -> int:
    where = reverse("console:directory_appoint", args=[county.divisions[place].code])
    return county.client(who).post(where, {"kind": OFFICER, "role": "A", **form}).status_code


def officers(county: County, place: str) -> list[tuple[str, str]]:
    code = county.divisions[place].code
    return [(one.role, one.name) for one in queries.holders(OFFICER, [code], county.now)[code]]


def test_a_township_appoints_a_new_officer_and_it_counts_at_once(county: County) -> None:
    county.clock.advance(minutes=1)
    assert appoint(county, "Li", "Upper Willow", name="孙芳", mobile="10000000077") == 302
    assert officers(county, "Upper Willow") == [("A", "孙芳"), ("B", "钱进")]
    person = Person.objects.get(name="孙芳")
    points = queries.contact_points([person.pk], county.now)[person.pk]
    assert [point.value for point in points] == ["10000000077"]


def test_the_same_form_sent_twice_makes_one_person_and_one_term(county: County) -> None:
    for _ in range(2):
        appoint(county, "Li", "Upper Willow", name="孙芳", mobile="10000000077", role="B")
    assert Person.objects.filter(name="孙芳").count() == 1
    assert Holding.objects.filter(person__name="孙芳").count() == 1
    assert Contact.objects.filter(person__name="孙芳").count() == 1


def test_a_township_does_not_edit_the_neighbours_village(county: County) -> None:
    assert appoint(county, "Li", "North Slope", name="孙芳") == 404
    assert officers(county, "North Slope") == [("A", "吴军")]


def test_a_village_officer_reads_and_does_not_edit(county: County) -> None:
    assert appoint(county, "Zhao", "Upper Willow", name="孙芳") == 403
    assert "Appoint somebody" not in page(county, "Zhao")
    assert "Appoint somebody" in page(county, "Li")


def test_nobody_hands_out_rights_that_he_does_not_hold(county: County) -> None:
    assert appoint(county, "Chen", "Yunling", kind=PostKind.COMMANDER.value, name="陈静") == 403
    where = reverse("console:directory_end_holding", args=[county.holdings["Wang"].pk])
    assert county.client("Chen").post(where).status_code == 403
    assert Holding.objects.get(pk=county.holdings["Wang"].pk).held_to is None
    assert appoint(county, "He", "Yunling", kind=PostKind.COMMANDER.value, name="陈静") == 302


def test_a_changed_number_counts_from_now_on_and_the_former_one_stays_in_the_history(county: County) -> None:
    zhao = county.people["Zhao"]
    county.clock.advance(hours=1)
    where = reverse("console:directory_set_contact", args=[zhao.pk])
    answer = county.client("Li").post(where, {"kind": "mobile", "value": "100 0000 0088"})
    assert answer.status_code == 302
    assert [one.value for one in queries.contact_points([zhao.pk], county.now)[zhao.pk]] == ["10000000088"]
    text = county.client("Li").get(reverse("console:directory_person", args=[zhao.pk])).content.decode()
    assert '<s class="flagged">10000000008</s>' in text
    assert "李梅" in text


def test_a_number_that_cannot_be_called_is_refused_in_a_sentence(county: County) -> None:
    where = reverse("console:directory_set_contact", args=[county.people["Zhao"].pk])
    answer = county.client("Li").post(where, {"kind": "mobile", "value": "12345"})
    assert answer.status_code == 400
    assert "is not a phone number" in answer.content.decode()
    assert Contact.objects.filter(person=county.people["Zhao"]).count() == 1


def test_a_call_that_reached_the_right_person_verifies_the_number(county: County) -> None:
    contact = Contact.objects.get(person=county.people["Zhao"])
    county.client("Li").post(reverse("console:directory_verify_contact", args=[contact.pk]))
    contact.refresh_from_db()
    assert contact.verified_at == county.now


def test_labels_skills_and_registration_number_are_kept_together(county: County) -> None:
    where = reverse("console:directory_describe", args=[county.people["Zhao"].pk])
    form = {
        "name": "赵春兰",
        "labels": ["information_officer", "grid_worker"],
        "skills": "驾船、急救",
        "registration_no": "R-7",
    }
    county.client("Li").post(where, form)
    zhao = Person.objects.get(pk=county.people["Zhao"].pk)
    assert zhao.labels == ["information_officer", "grid_worker"]
    assert (zhao.skills, zhao.registration_no) == (["驾船", "急救"], "R-7")


def test_a_past_minute_knows_who_was_responsible_and_offers_no_change(county: County) -> None:
    then = county.now + timedelta(minutes=30)
    county.clock.advance(hours=1)
    appoint(county, "Li", "Upper Willow", name="孙芳")
    at = then.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = page(county, "Li", query=f"?at={at}")
    current, history = text.split("History", 1)
    assert "赵春兰" in current
    assert "孙芳" not in current
    assert "孙芳" in history
    assert "Appoint" not in text
    assert "孙芳" in page(county, "Li").split("History", 1)[0]


def test_a_time_that_is_none_is_refused(county: County) -> None:
    where = reverse("console:division", args=[county.divisions["Upper Willow"].code])
    assert county.client("Li").get(f"{where}?at=yesterday").status_code == 400


@pytest.mark.parametrize(("name", "is_full"), [("Li", True), ("He", False), ("Zhao", False)])
def test_numbers_are_masked_for_those_whose_post_does_not_need_them(
    county: County, name: str, is_full: bool
) -> None:
    text = page(county, name)
    assert ("10000000008" in text) is is_full
    assert ("100****0008" in text) is not is_full


def test_a_look_at_all_numbers_is_journaled_with_who_looked(county: County) -> None:
    where = reverse("console:directory_list", args=[county.divisions["Willow River"].code])
    text = county.client("Li").get(where).content.decode()
    assert "10000000010" in text
    assert "10000000011" not in text
    entry = Entry.objects.get(kind="contact_list.looked_at")
    assert entry.actor == f"user:{county.users['Li'].pk}"
    assert "10000000010" not in entry.payload


def test_a_masked_list_leaves_no_entry(county: County) -> None:
    where = reverse("console:directory_list", args=[county.divisions["Willow River"].code])
    assert "100****0010" in county.client("He").get(where).content.decode()
    assert not Entry.objects.filter(kind="contact_list.looked_at").exists()


def test_the_checks_are_grouped_and_lead_to_the_page_that_mends_them(county: County) -> None:
    county.clock.advance(minutes=1)
    end = reverse("console:directory_end_holding", args=[county.holdings["Zhou"].pk])
    county.client("Li").post(end)
    text = county.client("Li").get(reverse("console:directory_checks")).content.decode()
    assert "Villages without an information officer" in text
    assert "下柳村 has no hazard information officer." in text
    assert reverse("console:division", args=[county.divisions["Lower Willow"].code]) in text
    assert "北坡村" not in text


def test_the_tree_names_officers_and_counts_villages_without_one(county: County) -> None:
    county.clock.advance(minutes=1)
    county.client("Li").post(reverse("console:directory_end_holding", args=[county.holdings["Zhou"].pk]))
    text = county.client("Chen").get(reverse("console:directory")).content.decode()
    assert "赵春兰" in text
    assert "1 village without an officer" in text


def test_a_township_does_not_change_the_number_of_a_neighbours_person_who_serves_in_it(
    county: County,
) -> None:
    """Zhao of Upper Willow also serves in North Slope: Liu appoints her there, and her number stays what she gave at home."""
    zhao = county.people["Zhao"]
    post = county.posts[PostKind.INFORMATION_OFFICER, "North Slope"]
    county.clock.advance(minutes=1)
    services.appoint(post, zhao, role=HoldingRole.B, by=county.by, at=county.now)
    county.clock.advance(minutes=1)
    assert appoint(county, "Liu", "North Slope", person=str(zhao.pk), mobile="10000000077") == 403
    assert [point.value for point in queries.contact_points([zhao.pk], county.now)[zhao.pk]] == [
        "10000000008"
    ]
    assert ("B", "赵春兰") in officers(county, "North Slope")
    assert appoint(county, "Liu", "North Slope", person=str(zhao.pk)) == 302

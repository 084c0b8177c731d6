"""Somebody misses the call, sees the number and dials it; when the platform calls again he answers."""

from simulator.phones.behaviour import react


def test_a_missed_call_is_rung_back_and_the_next_call_is_answered() -> None:
    first = react("rings_back", phone="10000000001", kind="voice", nth=1, key="1", seed=1)
    assert [act.type for act in first] == ["receipt", "callback"]
    assert first[0].status == "no_answer"
    assert first[1].sender == "10000000001"
    assert first[1].delay_s > first[0].delay_s
    second = react("rings_back", phone="10000000001", kind="voice", nth=2, key="1", seed=1)
    assert [(act.type, act.key) for act in second] == [("receipt", ""), ("keypress", "1")]


def test_such_a_person_does_not_read_text_messages() -> None:
    acts = react("rings_back", phone="10000000001", kind="sms", nth=1, key="1", seed=1)
    assert {act.type for act in acts} == {"receipt"}

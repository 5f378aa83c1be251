"""The page of surveys: a wave planned, frozen, sent, called, closed, analysed and told, by clicks alone; who may only look."""

from __future__ import annotations

from typing import Any

import facts
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.store.ledger import Ledger
from lib.text import Language
from lib.ui import session


@pytest.fixture
def full(house: Ledger) -> Ledger:
    """Twelve customers of the north and one of the south, one contact each; one may not be asked."""
    for number in range(1, 14):
        facts.customer(house, number, owner_id=2 if number < 13 else 7, region="R", segment="S")
        contact = {"contact_id": number, "customer_id": number, "name": f"人{number}", "phone": "19900000000", "is_primary": True}
        facts.insert(house, "contact", {**contact, "do_not_contact": number == 12})
    return house


def opened(who: str = "manager", language: Language = "zh", page: str = "surveys", **query: str) -> AppTest:
    test = signin.signed_in(who, language, path=f"pages/{page}.py")
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def clicked(test: AppTest, key: str) -> AppTest:
    test.button(key=key).click().run()
    assert not test.exception
    assert not test.error
    return test


def said(test: AppTest) -> str:
    return " ".join(part.value for part in (*test.markdown, *test.caption, *test.subheader))


def live(ledger: Ledger, table: str, names: str) -> list[tuple[Any, ...]]:
    sql = f"select {names} from {table} where retired_at = timestamp '9999-12-31' order by all"
    return ledger.cursor().execute(sql).fetchall()


def test_a_wave_goes_from_the_form_to_customers_told(full: Ledger) -> None:
    test = opened(plan="new")
    assert "问 11 个客户，共 11 人" in said(test)
    assert "不问 1 个客户：联系人标记为“请勿联系” 1" in said(test)
    test.text_input(key="survey-0-nps_score_zh").input("您会推荐我们和我们的产品、服务吗？").run()
    assert "合成一问" in said(test)
    test.text_input(key="survey-0-nps_score_zh").input("您会推荐我们吗？")
    test.text_input(key="survey-0-title").input("冬季 NPS")
    test.button_group(key="survey-0-channel").set_value("phone")
    test.button_group(key="survey-0-sampling").set_value("census").run()
    clicked(test, "survey-0-_save")
    assert live(full, "survey_wave", "title, metric, sampling, sample_size, channel") == [("冬季 NPS", "nps", "census", None, "phone")]
    test = opened(plan="1")
    test.text_input(key="survey_1-0-title").input("冬季推荐").run()
    clicked(test, "survey_1-0-_save")
    assert live(full, "survey_wave", "title, channel, questions ->> '$.score.zh'") == [("冬季推荐", "phone", "您会推荐我们吗？")]
    assert "已保存" in said(test)
    test = opened(wave="1")
    clicked(test, "survey-to-frozen")
    clicked(test, "survey_step.undo")
    clicked(test, "survey-to-frozen")
    clicked(test, "survey-to-sending")
    assert len(live(full, "survey_invite", "invite_id")) == 11
    _call(full)
    test = opened(wave="1")
    assert "送达 3 人，2 人回答（67%）" in said(test)
    clicked(test, "survey-to-closed")
    test.text_area(key="survey-findings-1").input("交付慢")
    clicked(test, "survey-to-analysed")
    test.text_area(key="survey-told-1").input("七月起改")
    clicked(test, "survey-to-told")
    assert "走完全程" in said(test)
    assert [state for (state,) in live(full, "wave_event", "state")] == sorted(["draft", "frozen", "sending", "closed", "analysed", "told"])


def _call(ledger: Ledger) -> None:
    """Two answers, one refusal and one call in vain, by the lead's keyboard and by a click on the list."""
    test = opened("lead", page="entry", form="score", mode="batch", wave="1")
    for typed in ("9 很好", "?", "/ 没时间"):
        test.text_input(key="batch-typed").input(typed).run()
        assert not test.exception
    invites = dict(live(ledger, "survey_invite", "customer_id, invite_id"))
    test = opened("lead", wave="1", part="calls", invite=str(invites[9]))
    test.button_group(key=f"survey-score-{invites[9]}").set_value(6).run()
    clicked(test, f"survey-answer-{invites[9]}")
    answers = live(ledger, "feedback", "score, comment, source, channel, wave_id, invite_id, contact_id, entered_by")
    assert answers == [(6, None, "call", "phone", 1, invites[9], 9, 2), (9, "很好", "call", "phone", 1, invites[1], 1, 2)]
    assert live(ledger, "invite_event", "customer_id, state, note") == [(2, "no_answer", None), (3, "declined", "没时间")]
    assert len(live(ledger, "activity", "kind")) == 1  # the low score is to be called back


def test_what_is_not_theirs_to_move_on_has_no_buttons(full: Ledger) -> None:
    day = session.today()
    wave = {"wave_id": 1, "title": "别人的", "metric": "nps", "audience": "relationship", "sampling": "census", "seed": 1}
    kept = {
        "opens_on": day,
        "closes_on": day,
        "questions": '{"score": {"zh": "a", "en": "b"}, "why": {"zh": "c", "en": "d"}}',
        "filter": "{}",
    }
    facts.insert(full, "survey_wave", {**wave, **kept})
    for event_id, state in enumerate(("draft", "frozen"), 1):
        facts.insert(full, "wave_event", {"event_id": event_id, "wave_id": 1, "state": state, "happened_at": facts.KNOWN})
    asked = {"invite_id": 1, "wave_id": 1, "customer_id": 1, "contact_id": 1, "channel": "phone", "language": "zh", "weight": 1.0}
    facts.insert(full, "survey_invite", asked)
    for who in ("viewer", "lead", "manager"):
        test = opened(who, wave="1")
        assert "survey-to-sending" not in {button.key for button in test.button}
    assert "由建这次调查的人" in said(test)
    assert "别人的" not in said(opened("lead_south"))
    assert "别人的" not in said(opened("lead_south", wave="1"))


@pytest.mark.usefixtures("full")
def test_links_that_name_nothing_show_all_waves() -> None:
    for query in ({"wave": "99"}, {"wave": "x"}, {"plan": "77"}, {"plan": "1", "wave": "2"}):
        assert "还没有调查" in said(opened(**query))
    assert "还没有调查" in said(opened("lead", plan="new"))

from bot.desk_preflight import ReachFacts, Unread
from tests.bot.fake_desk import preflight_facts


def test_facts_when_one_is_unread_keep_the_others():
    facts = preflight_facts(wallet=Unread("slow"))

    assert facts.wallet == Unread("slow")
    assert isinstance(facts.reach, ReachFacts)

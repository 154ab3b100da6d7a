import re

import pytest

from bot.tools.peers.table import CHILD, OURS, PEERS, SCRIPTS, Job


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_peer_when_listed_is_pinned_and_has_its_script(peer):
    assert (SCRIPTS / peer.script).is_file()
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", need) for need in peer.requirements)
    assert peer.requirements[0] == f"{peer.name}=={peer.version}"
    assert peer.title == f"{peer.name} {peer.version}"


def test_table_when_read_has_something_of_ours_for_each_job():
    assert set(OURS) == set(Job) == {peer.job for peer in PEERS}
    assert CHILD.is_file()

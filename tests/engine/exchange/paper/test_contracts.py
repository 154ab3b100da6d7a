import json

from engine.exchange.paper.contracts import KEPT, kept, pack, unpack
from tests.engine.scanner.test_universe import BASE


def test_contract_when_packed_as_json_comes_back_equal():
    assert unpack(json.loads(json.dumps(pack(BASE)))) == BASE


def test_contracts_when_the_state_has_none_or_strange_ones_are_empty():
    assert kept(None) == {}
    assert kept({}) == {}
    assert kept({KEPT: [{"symbol": "AUSDT"}]}) == {}
    assert kept({KEPT: [pack(BASE)]}) == {BASE.symbol: BASE}

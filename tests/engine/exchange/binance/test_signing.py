import hashlib
import hmac

from engine.exchange.binance.signing import query_text, signed_query, ws_signature


def _digest(message: str) -> str:
    return hmac.new(b"secret", message.encode(), hashlib.sha256).hexdigest()


def test_query_text_when_symbol_is_not_ascii_percent_encodes_utf8() -> None:
    assert query_text({"symbol": "币USDT", "limit": 5}) == "symbol=%E5%B8%81USDT&limit=5"


def test_signed_query_when_signed_covers_exactly_what_is_sent_and_ends_with_the_signature() -> None:
    query = signed_query({"symbol": "A/B", "timestamp": 7}, "secret")
    sent, _, signature = query.rpartition("&signature=")
    assert sent == "symbol=A%2FB&timestamp=7"
    assert signature == _digest(sent)


def test_signed_query_when_no_parameters_is_only_the_signature() -> None:
    assert signed_query({}, "secret") == f"signature={_digest('')}"


def test_signed_query_when_documented_example_gives_the_documented_signature() -> None:
    # The venue's public HMAC example: key, parameters and result are from its documentation.
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    params = {
        "symbol": "LTCBTC",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": 1,
        "price": "0.1",
        "recvWindow": 5000,
        "timestamp": 1499827319559,
    }
    expected = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    assert signed_query(params, secret).endswith(f"signature={expected}")


def test_ws_signature_when_parameters_are_unordered_sorts_and_does_not_encode() -> None:
    assert ws_signature({"symbol": "币USDT", "apiKey": "k"}, "secret") == _digest(
        "apiKey=k&symbol=币USDT"
    )

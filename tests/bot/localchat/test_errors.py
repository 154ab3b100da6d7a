from bot.localchat.errors import (
    BotApiError,
    LocalChatError,
    OperatorRequestError,
    bad_request,
    conflict,
    too_many_requests,
)


def test_bad_request_when_built_carries_telegrams_prefix() -> None:
    error = bad_request("chat not found")
    assert (error.code, error.description) == (400, "Bad Request: chat not found")
    assert error.retry_after is None


def test_too_many_requests_when_built_names_the_seconds_twice() -> None:
    error = too_many_requests(7)
    assert (error.code, error.retry_after) == (429, 7)
    assert error.description.endswith("retry after 7")


def test_conflict_when_built_is_409() -> None:
    assert conflict().code == 409


def test_every_error_when_caught_by_the_root_is_caught() -> None:
    assert issubclass(BotApiError, LocalChatError)
    assert issubclass(OperatorRequestError, LocalChatError)
    assert OperatorRequestError(404, "no message 3").status == 404

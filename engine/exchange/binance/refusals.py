"""What a refusal for rate means for the requests that follow it, on both transports alike."""

import structlog

from engine.domain.errors import VenueError
from engine.exchange.binance.classify import RateLimited, TooManyOrders, silence_s
from engine.exchange.binance.limits import RateBudget

log = structlog.get_logger(__name__)


def heeded(error: VenueError, budget: RateBudget, now_ms: int, speed: float) -> VenueError:
    """Return `error` after the budget has drawn its conclusion from it.

    Args:
        error: what a reply was judged to mean.
        budget: pauses as the venue wants.
        now_ms: the venue's time, exchange ms.
        speed: exchange seconds per wall second.
    """
    if isinstance(error, RateLimited):
        budget.refused(silence_s(error, now_ms, speed), banned=error.banned)
        error.retry_after_s = budget.quiet_for_s
        log.warning("requests.paused", seconds=error.retry_after_s, reason=str(error))
    elif isinstance(error, TooManyOrders):
        budget.orders_refused()
    return error

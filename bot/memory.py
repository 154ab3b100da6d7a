"""Memory after the start: out of the collector's sight, and what is free back to the system."""

import ctypes
import gc


def settle_memory() -> None:
    """Take everything built during the start out of the collector's sight.

    Series, detectors and libraries are a million objects that live as long as the process. A full
    collection over them stops the loop for about 200 ms (measured with 530 symbols, 1 ms after
    this), and it tends to come in the burst of candles at a minute's end.
    """
    gc.collect()
    gc.freeze()
    give_back()


def give_back() -> bool:
    """Return free memory to the system where the C library can; tell whether there was any.

    Loading history leaves some 3 MB that glibc would keep; other libraries have no such call.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return False
    return bool(trim(0))

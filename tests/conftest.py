"""Settings every test shares."""

import os

from hypothesis import HealthCheck, settings

# Machines are shared and slow at times: a deadline would measure them, not the code. The usual run
# repeats the same examples, so that a red run means a changed program; `make prove` looks further.
settings.register_profile("usual", deadline=None, derandomize=True)
settings.register_profile(
    "prove", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("SMCBOT_TEST_PROFILE", "usual"))

"""Loaded by the workers of test clusters: a source edited while tests run is no other version."""

import models.cluster

AS_TESTED = "as tested"
models.cluster.digest_here = lambda: AS_TESTED  # type: ignore[assignment]

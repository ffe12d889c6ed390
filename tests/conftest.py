"""Hypothesis profiles: `--hypothesis-profile=thorough` for many examples."""

from hypothesis import HealthCheck, settings

# No test is timed: a slow machine is no failure.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "more", deadline=None, max_examples=10_000, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile(
    "thorough", deadline=None, max_examples=100_000, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("default")

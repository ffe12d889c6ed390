"""Hypothesis profiles: "thorough" is for many examples, and prints how to try a failing one again."""

from hypothesis import HealthCheck, Phase, settings

# No test is timed: a slow machine is no failure.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "thorough",
    settings.get_profile("default"),
    max_examples=100_000,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    database=None,
    print_blob=True,
)
settings.load_profile("default")

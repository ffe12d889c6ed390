"""Coverage-guided fuzzing of the syntax floor: `python -m fuzz parse --seconds 60` (needs atheris)."""

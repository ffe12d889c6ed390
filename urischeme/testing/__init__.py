"""For other people's test suites too: Hypothesis strategies for what the grammar allows (extra: `testing`)."""

"""What every resolver has to keep to, as tests that its author runs: one module a group of laws, and what they need."""

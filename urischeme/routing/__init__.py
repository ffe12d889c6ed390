"""From a target to the resolver for its scheme, and what a resolver gives back."""

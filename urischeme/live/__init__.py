"""From a target to the endpoints that are there now."""

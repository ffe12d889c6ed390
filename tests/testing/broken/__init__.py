"""Resolvers that are broken, each in one way that a real author gets wrong, and the law that has to say so."""

"""From bytes to quads: law files, alignments, claims.

Loaders are pure: they read, check and yield. They do not store.
"""

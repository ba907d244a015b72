"""What the words mean: the vocabulary, its closed lists, identifiers, JSON-LD context and errors.

The lowest layer; it imports nothing else of the project. Import what is needed from its module:
`terms` (classes, properties, concepts), `iris` (identifiers), `context` (JSON-LD) and `errors`.
"""

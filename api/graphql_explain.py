"""What a GraphQL query means in SPARQL: one query whose rows hold the same answer.

Each row is a value: where it stands (`at`, the keys of the answer joined by dots), of which node
(`from`), and the value, a concept or thing by its IRI. Properties and edges of the graph become
patterns. What the index or our own reasoning chooses (pages, filters, orders, days) stands there as
`VALUES`, as it was chosen for this request; `notExpressed` names it, and what is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_object_type,
    parse,
    print_ast,
)
from graphql.execution.values import VariableValues, get_directive_values
from graphql.utilities import get_operation_ast

from clausegraph.api.execution import Executor, Prepared
from clausegraph.api.reader import predicates

LEAVES = ("one", "every", "paid", "member", "own_iri", "own_label")
EDGES = ("edge", "edges")
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


@dataclass
class Shape:
    """A field of the answer: its key and place, how it is read, and what is asked below it."""

    key: str
    at: str
    asked: str
    reads: tuple[Any, ...]
    page: bool = False
    below: list[Shape] = field(default_factory=list)

    @property
    def leaf(self) -> bool:
        """Whether it is a value, not a node."""
        return bool(self.reads) and self.reads[0] in LEAVES


@dataclass(frozen=True)
class Explained:
    """The shapes of the root, the query, what it does not express, and the fields by level."""

    roots: list[Shape]
    sparql: str
    not_expressed: list[str]

    def as_dict(self) -> dict[str, Any]:
        """As `extensions.explain` shows it."""
        levels: list[list[str]] = []
        level = self.roots
        while level:
            levels.append([each.at for each in level])
            level = [inner for each in level for inner in each.below]
        return {"levels": levels, "sparql": self.sparql, "notExpressed": self.not_expressed}


def explained(
    schema: strawberry.Schema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    values: VariableValues,
    ask: Callable[[DocumentNode], Mapping[str, Any]],
) -> Explained:
    """Explain a valid query; `ask` answers the document that finds which nodes were chosen."""
    shaper = _Shaper(schema, document, values)
    roots = shaper.below(operation.selection_set, schema._schema.query_type, "")
    if not roots:
        return Explained([], "", shaper.missing)
    given = ", ".join(print_ast(each) for each in operation.variable_definitions or ())
    head = f"query({given})" if given else "query"
    found = ask(parse(f"{head} {{ {' '.join(_ids(each) for each in roots)} }}"))
    pairs: dict[str, set[tuple[str, str]]] = {}
    for root in roots:
        _pairs(root, found, "", pairs)
    parts = [part for root in roots for part in _branches(root, None, [], pairs)]
    body = "\n  UNION\n  ".join(parts)
    sparql = f"SELECT DISTINCT ?at ?from ?value WHERE {{\n  {body}\n}}"
    return Explained(roots, sparql, shaper.missing)


def meaning(
    executor: Executor,
    schema: strawberry.Schema,
    prepared: Prepared,
    variables: dict[str, Any],
    context: dict[str, Any],
) -> Explained:
    """Explain a query that was answered; which nodes were chosen is asked within its limits."""
    assert prepared.document is not None
    assert prepared.operation is not None
    values = executor.variables(prepared, variables)
    assert isinstance(values, VariableValues)

    def ask(document: DocumentNode) -> Any:
        chosen = Prepared(document, get_operation_ast(document))
        found = executor.reference(chosen, variables, context)
        return orjson.loads(found.data or b"null") or {}

    return explained(schema, prepared.document, prepared.operation, values, ask)


class _Shaper:
    """Reads selections into shapes, and notes what has none."""

    def __init__(
        self, schema: strawberry.Schema, document: DocumentNode, values: VariableValues
    ) -> None:
        self.schema, self.values = schema, values
        self.missing: list[str] = []
        self.fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def below(self, selections: SelectionSetNode, kind: Any, at: str) -> list[Shape]:
        """The shapes of an object's fields."""
        found: dict[str, list[FieldNode]] = {}
        self._collect(selections, kind, found, set())
        shapes = [self._shape(key, nodes, kind, at) for key, nodes in found.items()]
        return [each for each in shapes if each is not None]

    def _collect(
        self,
        selections: SelectionSetNode,
        kind: Any,
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for each in selections.selections:
            if not self._wanted(each):
                continue
            if isinstance(each, FieldNode):
                key = each.alias.value if each.alias else each.name.value
                found.setdefault(key, []).append(each)
                continue
            inner: Any = each
            if isinstance(each, FragmentSpreadNode):
                if each.name.value in seen:
                    continue
                seen.add(each.name.value)
                inner = self.fragments[each.name.value]
            if self._on(inner, kind):
                self._collect(inner.selection_set, kind, found, seen)

    def _wanted(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.values)
        include = get_directive_values(GraphQLIncludeDirective, node, self.values)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _on(self, fragment: InlineFragmentNode | FragmentDefinitionNode, kind: Any) -> bool:
        named = fragment.type_condition
        names = {kind.name, *(each.name for each in kind.interfaces)}
        return named is None or named.name.value in names

    def _shape(self, key: str, nodes: list[FieldNode], kind: Any, at: str) -> Shape | None:
        node = nodes[0]
        place = f"{at}.{key}" if at else key
        definition = kind.fields.get(node.name.value)
        inner = get_named_type(definition.type) if definition else None
        reads = self._reads(kind.name, node.name.value)
        asked = print_ast(FieldNode(alias=node.alias, name=node.name, arguments=node.arguments))
        if inner is None or is_leaf_type(inner):
            return self._leaf(Shape(key, place, asked, reads))
        page = inner.name.endswith("Connection")
        selections = [each.selection_set for each in nodes if each.selection_set]
        if page:
            selections = self._nodes(selections, place)
            inner = get_named_type(inner.fields["nodes"].type)
        if not is_object_type(inner) or "Node" not in {each.name for each in inner.interfaces}:
            self.missing.append(f"{place}: left out, it is not a node of the graph of one class")
            return None
        if reads[:1] not in (("edge",), ("edges",)) or reads[1] not in predicates():
            reads = ()
            self.missing.append(f"{place}: which nodes these are is told by VALUES")
        below = SelectionSetNode(
            selections=tuple(s for each in selections for s in each.selections)
        )
        return Shape(key, place, asked, reads, page, self.below(below, inner, place))

    def _nodes(self, selections: list[SelectionSetNode], at: str) -> list[SelectionSetNode]:
        """What is asked of the nodes of a page."""
        found = []
        for each in (inner for outer in selections for inner in outer.selections):
            plain = isinstance(each, FieldNode) and each.name.value == "nodes" and not each.alias
            if plain and isinstance(each, FieldNode) and each.selection_set and self._wanted(each):
                found.append(each.selection_set)
            else:
                self.missing.append(f"{at}: left out, `{print_ast(each).split()[0]}` of a page")
        return found

    def _leaf(self, shape: Shape) -> Shape | None:
        known = shape.leaf and (len(shape.reads) == 1 or shape.reads[1] in predicates())
        if not known:
            self.missing.append(f"{shape.at}: left out, it is computed")
        return shape if known else None

    def _reads(self, kind: str, name: str) -> tuple[Any, ...]:
        found = self.schema.get_type_by_name(kind)
        for each in getattr(found, "fields", ()):
            if self.schema.config.name_converter.get_graphql_name(each) == name:
                resolver = each.base_resolver
                return tuple(getattr(resolver and resolver.wrapped_func, "reads", ()))
        return ()


def _ids(shape: Shape) -> str:
    """The part of the document that finds the nodes of a shape."""
    inner = f"_id: id {' '.join(_ids(each) for each in shape.below if not each.leaf)}"
    return f"{shape.asked} {{ {f'nodes {{ {inner} }}' if shape.page else inner} }}"


def _pairs(
    shape: Shape, parent: Mapping[str, Any], own: str, pairs: dict[str, set[tuple[str, str]]]
) -> None:
    """Which nodes stand at a place, each with the node that it belongs to."""
    known = pairs.setdefault(shape.at, set())
    for each in nodes_at(shape, parent):
        known.add((own, each["_id"]))
        for inner in shape.below:
            if not inner.leaf:
                _pairs(inner, each, each["_id"], pairs)


def nodes_at(shape: Shape, parent: Mapping[str, Any]) -> list[Any]:
    """The nodes of a field in an answer: of a page, a list, or one; none where it is null."""
    found = parent.get(shape.key)
    found = found["nodes"] if shape.page and found else found
    return [each for each in (found if isinstance(found, list) else [found]) if each]


def _branches(
    shape: Shape, parent: str | None, path: list[str], pairs: Mapping[str, set[tuple[str, str]]]
) -> Iterator[str]:
    """A branch for the nodes of a shape, and one for each value below."""
    own = f"?n{len(path)}"
    if shape.reads:
        step = f"{parent} {predicates()[shape.reads[1]]} {own} ."
    elif parent is None:
        step = f"VALUES {own} {{ {' '.join(sorted(f'<{b}>' for _, b in pairs[shape.at]))} }}"
    else:
        rows = " ".join(f"(<{a}> <{b}>)" for a, b in sorted(pairs[shape.at]))
        step = f"VALUES ({parent} {own}) {{ {rows} }}"
    here = [*path, step]
    came = f" BIND({parent} AS ?from)" if parent else ""
    yield f'{{ {" ".join(here)} BIND("{shape.at}" AS ?at){came} BIND({own} AS ?value) }}'
    for each in shape.below:
        if each.leaf:
            yield f'{{ {" ".join(here)} {_value(own, each)} BIND("{each.at}" AS ?at) BIND({own} AS ?from) }}'
        else:
            yield from _branches(each, own, here, pairs)


def _value(own: str, leaf: Shape) -> str:
    kind = leaf.reads[0]
    if kind == "own_iri":
        return f"BIND({own} AS ?value)"
    if kind == "own_label":
        last = f'REPLACE(STR({own}), "^.*[/#]", "")'
        return f"OPTIONAL {{ {own} <{_LABEL}> ?label }} BIND(COALESCE(?label, {last}) AS ?value)"
    return f"{own} {predicates()[leaf.reads[1]]} ?value ."

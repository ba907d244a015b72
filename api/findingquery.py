"""Root fields that ask for findings and mappings."""

from __future__ import annotations

import strawberry

from clausegraph.api.findingfilters import FindingsFilter, MappingsFilter
from clausegraph.api.findinglists import mappings
from clausegraph.api.findingorders import FindingOrder, MappingOrder
from clausegraph.api.findingpages import FindingConnection, findings
from clausegraph.api.findingtypes import Finding
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.mappingtypes import Mapping
from clausegraph.api.methodtypes import Method
from clausegraph.api.nodes import AsOf, typed


@strawberry.type
class FindingQuery:
    """Questions about what documents say of requirements."""

    @strawberry.field(description="A finding by its id.")
    def finding(self, info: strawberry.Info, id: strawberry.ID) -> Finding | None:
        """One finding."""
        return typed(view_of(info), "finding", id, Finding)

    @paged(
        FindingConnection,
        "What documents say about requirements on the day, by document and requirement.",
    )
    def findings(
        self,
        info: strawberry.Info,
        filter: FindingsFilter | None = None,
        order_by: list[FindingOrder] | None = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Findings."""
        view, wanted = view_of(info, as_of), filter or FindingsFilter()
        scope = wanted.asked(view, wanted.documents(view))
        return findings(view, (), wanted, scope, order_by)

    @strawberry.field(description="A mapping by its id.")
    def mapping(self, info: strawberry.Info, id: strawberry.ID) -> Mapping | None:
        """One mapping."""
        return typed(view_of(info), "mapping", id, Mapping)

    @paged(Mapping, "Links from provisions to requirements that hold on the day, by document.")
    def mappings(
        self,
        info: strawberry.Info,
        filter: MappingsFilter | None = None,
        order_by: list[MappingOrder] | None = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Mappings."""
        return mappings(view_of(info, as_of), (), filter or MappingsFilter(), order_by)

    @strawberry.field(description="A method by its id, such as reading/2.")
    def method(self, info: strawberry.Info, id: strawberry.ID) -> Method | None:
        """One method."""
        return typed(view_of(info), "method", id, Method)

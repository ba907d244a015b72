"""Root fields that put findings beside law, enforcement and each other."""

from __future__ import annotations

import strawberry

from clausegraph.api.alignquery import AlignQuery
from clausegraph.api.channelquery import ChannelQuery
from clausegraph.api.comparequery import CompareQuery
from clausegraph.api.contradictionquery import ContradictionQuery
from clausegraph.api.diffusion import DiffusionQuery
from clausegraph.api.enforcementmatch import EnforcementMatchQuery
from clausegraph.api.rolequery import RoleQuery


@strawberry.type
class AnswerQuery(
    ChannelQuery,
    RoleQuery,
    CompareQuery,
    EnforcementMatchQuery,
    DiffusionQuery,
    AlignQuery,
    ContradictionQuery,
):
    """All of them."""

"""The rubric as a SPARQL query that anybody can run over a published graph to get the same levels.

The committed copy is `docs/examples/exposure-recomputed.rq`; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable

from clausegraph.loaders.methods import rule
from clausegraph.loaders.rubric import CONDITIONS, LEVELS, Rubric
from clausegraph.ontology.iris import PREFIXES, concept

_QUERY = """\
# How does the exposure level of each assessment follow from its findings, by rubric {version}?
# Written from loaders/assessment/rubric.yaml, which explains the weights.
PREFIX cg: <{cg}>
PREFIX eli: <{eli}>
PREFIX xsd: <{xsd}>
SELECT ?assessment ?points ?level ?saidPoints ?saidLevel WHERE {{
  {{
    SELECT ?assessment (SUM(?most) AS ?sum) (SUM(?seen) AS ?examined) WHERE {{
      {{
        # A matter counts once, with the most that any of its findings brings.
        SELECT ?assessment ?matter (MAX(?brings) AS ?most) (MAX(?looked) AS ?seen) WHERE {{
          VALUES (?requirement ?matter ?weight ?condition) {{
{matters}
          }}
          ?assessment a cg:Assessment ; cg:validFrom ?day ; cg:input ?finding .
          ?finding cg:requirement ?requirement ; cg:findingState ?state .
          # What is only banned brings points, and is looked at, by a tension alone.
          FILTER (?condition != "tension" || ?state = {tension})
          BIND (IF(?state = {not_examined}, 0, 1) AS ?looked)
          # What the state brings, or the kind of a tension.
          OPTIONAL {{
            VALUES (?state ?times) {{ {states} }}
          }}
          OPTIONAL {{
            ?finding cg:tensionKind ?kind .
            VALUES (?kind ?tension) {{ {tensions} }}
          }}
          # Silence on what no law asks a notice to tell brings nothing.
          BIND (IF(?condition = "outside" && ?state = {not_stated}, 0, 1) AS ?gap)
          BIND (COALESCE(?tension, ?times * ?weight * ?gap, 0) AS ?own)
          # What only some are asked for does not count where the document denies being one of them.
          OPTIONAL {{
            SELECT ?assessment ?condition (COUNT(DISTINCT ?part) >= MAX(?needed) AS ?lifted) WHERE {{
              VALUES (?condition ?needed ?part) {{ {parts} }}
              VALUES (?part ?asked ?by) {{
{lifts}
              }}
              ?assessment cg:input ?denial .
              ?denial cg:requirement ?asked ; cg:rule ?by ; cg:findingState {stated} ;
                cg:polarity {negative} .
            }}
            GROUP BY ?assessment ?condition
          }}
          # Enforcement actions that cite the rule or one around it, or the one that the words collide with.
          OPTIONAL {{
            SELECT ?finding (MIN(?announced) AS ?cited) WHERE {{
              ?action a cg:EnforcementAction ; cg:announcedOn ?announced ; cg:cites ?section .
              ?version cg:cites/eli:is_part_of* ?section .
              ?finding cg:requirementVersion|cg:against ?version .
            }}
            GROUP BY ?finding
          }}
          BIND (IF(COALESCE(?lifted, false) || ?own = 0, 0,
            ?own + IF(COALESCE(?cited <= ?day, false), {cited}, 0)) AS ?brings)
        }}
        GROUP BY ?assessment ?matter
      }}
    }}
    GROUP BY ?assessment
  }}
  # No level, and no points, where fewer matters than {least} were examined.
  FILTER (?examined >= {least})
  BIND (xsd:integer(?sum) AS ?points)
  BIND ({levels} AS ?level)
  OPTIONAL {{ ?assessment cg:points ?saidPoints ; cg:exposureLevel ?saidLevel }}
}}
ORDER BY ?assessment
"""


def query(rules: Rubric) -> str:
    """The query for a rubric; its rows have the points and levels, and those that the graph tells."""
    return _QUERY.format(
        version=rules.version,
        cg=PREFIXES["cg"],
        eli=PREFIXES["eli"],
        xsd=PREFIXES["xsd"],
        matters="\n".join(_matters(rules)),
        not_examined=_concept("finding-state", "not-examined"),
        not_stated=_concept("finding-state", "not-stated"),
        tension=_concept("finding-state", "tension"),
        stated=_concept("finding-state", "stated"),
        negative=_concept("polarity", "negative"),
        states=_pairs("finding-state", rules.states.items()),
        tensions=_pairs("tension-kind", rules.tensions.items()),
        parts=" ".join(_parts(rules)),
        lifts="\n".join(_lifts(rules)),
        cited=rules.cited,
        least=rules.least,
        levels=_levels(rules),
    )


def _matters(rules: Rubric) -> Iterable[str]:
    for matter in rules.matters:
        for condition in CONDITIONS:
            for iri, own in matter.requirements.items():
                if own == condition:
                    yield f'            (<{iri}> "{matter.id}" {matter.points} "{condition}")'


def _parts(rules: Rubric) -> Iterable[str]:
    """Each condition with the number of its parts, and each of them."""
    for name, lift in rules.lifts.items():
        parts = lift.parts or (name,)
        yield from (f'("{name}" {len(parts)} "{part}")' for part in parts)


def _lifts(rules: Rubric) -> Iterable[str]:
    """Each part with the requirements and rules by which a document denies it."""
    for name, lift in rules.lifts.items():
        for iri in sorted(lift.by):
            for each in sorted(lift.rules):
                yield f'                ("{name}" <{iri}> <{rule(each)}>)'


def _pairs(scheme: str, pairs: Iterable[tuple[str, int]]) -> str:
    return " ".join(f"({_concept(scheme, name)} {points})" for name, points in pairs)


def _levels(rules: Rubric) -> str:
    """Nested conditions from the highest level down."""
    text = _concept("exposure-level", LEVELS[0])
    for name in LEVELS[1:]:
        text = f"IF(?points >= {rules.bounds[name]}, {_concept('exposure-level', name)}, {text})"
    return text


def _concept(scheme: str, slug: str) -> str:
    return f"<{concept(scheme, slug)}>"

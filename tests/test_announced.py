"""The day that a document gives as its own is found, and no other day is taken for it."""

from __future__ import annotations

from datetime import date

import pytest

from clausegraph.loaders.announced import announced_date

MARCH = date(2024, 3, 4)

OWN = {
    "label": "# Policy\n\nLast updated: March 4, 2024\n\nWords.",
    "bold": "**Last Updated:** 4 March 2024",
    "in italics": "_Last modified on March 4th, 2024_",
    "ISO": "Latest updated: 2024-03-04",
    "slashes that can be read one way": "Updated: 25/12/2023, never 13/13/2023",
    "month first, one way": "Last revised 12/25/2023",
    "abbreviated": "Last Revised - Mar. 4, 2024",
    "no blanks": "Effective March 4, 2024[Previous version](https://l.example/old)",
    "date of": "Date of last revision: 4th of March 2024",
    "sentence": "This Privacy Policy was last updated on March 4, 2024 and replaces all others.",
    "named law, own notice": "Our CCPA Privacy Notice was last updated on March 4, 2024.",
    "next line": "Effective date\n\nMarch 4, 2024\n\nWords.",
    "heading": "Lanternfold\n---\n## Privacy Policy (updated March 4, 2024)",
    "table": "| Version | 3 |\n|---|---|\n| Last updated | March 4, 2024 |",
    "with words behind a colon": "Last updated: March 4, 2024 to mend two links.",
    "two labels": "Effective: January 1, 2024 | Last updated: March 4, 2024",
    "updated before effective": "Effective January 1, 2025\n\nUpdated March 4, 2024",
    "the same day twice": "Updated 2024-03-04\n\nLast updated: 4 March 2024",
    "at the end": "Words.\n\n" * 60 + "Effective as of March 4, 2024",
    "top before bottom": "Updated March 4, 2024\n\n" + "Words.\n\n" * 60 + "Updated May 5, 2020",
    "Chinese": "更新日期\uff1a2024 年 3 月 4 日\n\n生效日期\uff1a2024年4月1日",
    "Chinese, date first": "本政策于2024年3月4日更新",
    "Chinese, last": "最后更新\uff1a2024年3月4日",
}
EXPECTED = {
    "slashes that can be read one way": date(2023, 12, 25),
    "month first, one way": date(2023, 12, 25),
}

OTHERS = {
    "copyright": "Copyright 2024 Lanternfold. All rights reserved.",
    "copyright with a day": "© March 4, 2024 Lanternfold",
    "a law": "The Consumer Privacy Act, last amended on January 1, 2023, gives you rights.",
    "a law, without a name": "The law was last updated on January 1, 2023.",
    "a law behind the policy": "This policy follows the Foldham Code, updated January 1, 2023.",
    "a right": "Effective January 1, 2023, residents of Foldham have more rights.",
    "an older version": "The previous version of this policy was last updated on May 5, 2020.",
    "an archive": "Archived: terms last updated May 5, 2020",
    "another page": "The list of the companies that we work with was updated on May 5, 2020.",
    "another thing": "The people who draw our maps say that they were updated on May 5, 2020.",
    "an offer": "Offers made since March 4, 2024 end in May.",
    "relative": "Last updated: 3 days ago",
    "a month": "Last updated: March 2024",
    "a month, and a day of effect": "Last updated: March 2024\n\nEffective: April 1, 2024",
    "two ways to read": "Last updated: 03/04/2024",
    "two days": "Updated March 4, 2024\n\nUpdated March 5, 2024",
    "no such day": "Last updated: February 30, 2024",
    "short year": "Last updated: 25/12/23",
    "too far down": "Words.\n\n" * 45 + "Updated March 4, 2024\n\n" + "Words.\n\n" * 15,
    "promise": "We may update this policy; changes are effective 30 days after March 4, 2024.",
    "before a day": "See the terms effective before March 4, 2024.",
    "nothing": "",
}


@pytest.mark.parametrize("name", OWN)
def test_own_dates(name: str) -> None:
    """Each way in which documents date themselves."""
    assert announced_date(OWN[name]) == EXPECTED.get(name, MARCH)


@pytest.mark.parametrize("name", OTHERS)
def test_misleading_dates(name: str) -> None:
    """A day of something else, or one that is not certain, is none."""
    assert announced_date(OTHERS[name]) is None


@pytest.mark.parametrize(
    "unit", ["last updated ", "updated: ", "2024-01-", "March ", "effective on ", "( ", "1/", "\t"]
)
def test_hostile_lines(unit: str) -> None:
    """A line that begins a date again and again is read to its end and dates nothing."""
    assert announced_date((unit * 100_000 + "\n") * 3) is None

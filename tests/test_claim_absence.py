"""Which sentences of others claim that a document does not say something, and which do not."""

from __future__ import annotations

import pytest

from clausegraph.loaders.claimabsence import claims_absence

ABSENT = [
    "There is no mention of deletion.",
    "The policy makes no mention of a right to delete.",
    "The policy contains no retention period.",
    "The policy has no procedure for requests.",
    "The policy does not say how a request is made.",
    "It does not specify how long records are kept.",
    "The text doesn't name a retention period.",
    "The page did not describe any appeal.",
    "They do not currently disclose how long they keep backups.",
    "The policy is silent on deletion.",
    "The policy is said to be silent.",
    "By 2020 the policy was said to be silent on requests.",
    "The notice remained silent about minors.",
    "Nothing is said of retention.",
    "The text says nothing about agents.",
    "Nowhere is a period stated.",
    "The right is stated nowhere.",
    "A right to delete is named without a period.",
    "It lists rights without telling how they are used.",
    "It grants the right without any means to use it.",
    "It asserts the rights without specifying the means.",
    "It asserts the rights without clearly describing the means.",
    "Backups are mentioned without saying when they are overwritten.",
    "The policy lacks a contact for requests.",
    "The policy omits the right to correct.",
    "The right is named, but no procedure is described.",
    "The right to delete is not mentioned.",
    "The means are not clearly stated in the policy.",
    "The policy does not contain a retention schedule.",
    "The policy fails to mention appeals.",
    "The policy never says who is asked.",
    "The policy does not provide a way to appeal.",
    "The policy is said to say nothing of how a request is made.",
    "The policy is said to lack ways to make a request.",
    "Nothing is said in the text of who answers.",
    "It grants rights without any description of how they are used.",
]
PRESENT = [
    "The policy states that data are not given to third parties.",
    "The policy says that the company does not identify individuals.",
    "The policy promises deletion without a waiting period.",
    "People may ask at any time without time limits.",
    "The policy promises deletion without a form.",
    "The policy is not silent on deletion.",
    "The platform may delete data without notice.",
    "It may delete accounts without prior notice to their holders.",
    "Data are shared without consent.",
    "The platform deletes accounts without undue delay.",
    "Rights are used without charge.",
    "People may exercise rights without being penalised.",
    "Data are passed on without telling users.",
    "Accounts are closed without any explanation.",
    "The platform does not disclose data to advertisers.",
    "The platform does not give data to others.",
    "The platform may change its terms by a silent update.",
    "The policy states that it does not sell data.",
    "The policy says that users do not need an account to ask.",
    "Children do not use the service, says the policy.",
    "Requests are answered without a fee.",
    "Data can be deleted without any charge.",
    "The platform may delete data without giving a reason.",
    "The policy says that nothing is sold.",
    "Users who lack an account may write a letter.",
    "The policy explains how people ask for deletion.",
]


@pytest.mark.parametrize("sentence", ABSENT)
def test_a_sentence_that_claims_absence(sentence: str) -> None:
    """The words govern what is stated."""
    assert claims_absence(sentence)


@pytest.mark.parametrize("sentence", PRESENT)
def test_a_sentence_that_claims_something_else(sentence: str) -> None:
    """The same words about something else than what the document says."""
    assert not claims_absence(sentence)

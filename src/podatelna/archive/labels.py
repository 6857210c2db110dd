r"""Labels of imported deliveries: the folders and flags that they came with, kept, found again and exported.

A label is a text: a folder as people write it ("Work/2024"), a flag of IMAP ("\Seen"), a keyword behind a "#"
("#$Forwarded"). Whoever may see a delivery may see its labels.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from .columns import fit
from .models import Delivery, DeliveryLabels, LabelSet

MOST = 50  # labels of one delivery
LONGEST = 200


def folder(name: str) -> str:
    """The label of a folder; `name` has "/" between its levels."""
    name = "/".join(part.strip() for part in name.split("/") if part.strip())
    return fit(name.lstrip("\\#"), LONGEST)


def flag(name: str) -> str:
    r"""The label of a system flag, given with its backslash: "\Seen"."""
    return fit("\\" + name.lstrip("\\").capitalize(), LONGEST)


def keyword(name: str) -> str:
    """The label of an IMAP keyword, like $Forwarded."""
    return fit("#" + name, LONGEST)


def folders_of(labels: Iterable[str]) -> list[str]:
    """Those of `labels` that are folders."""
    return [label for label in labels if not label.startswith(("\\", "#"))]


def attach(given: Iterable[tuple[Delivery, Sequence[str]]]) -> None:
    """Give deliveries labels beside those that they have; in the caller's transaction, few statements for all."""
    wanted: dict[int, set[str]] = {}
    for delivery, labels in given:
        if names := {label for label in labels if label}:
            wanted.setdefault(delivery.pk, set()).update(names)
    if not wanted:
        return
    before = {pk: tuple(names) for pk, names in labels_of(wanted).items()}
    merged = {pk: tuple(sorted(names.union(before.get(pk, ()))))[:MOST] for pk, names in wanted.items()}
    chosen = {pk: names for pk, names in merged.items() if names != before.get(pk)}
    if not chosen:
        return
    sets = _sets(set(chosen.values()))
    DeliveryLabels.objects.bulk_create(
        [DeliveryLabels(delivery_id=pk, labels_id=sets[names]) for pk, names in sorted(chosen.items())],
        update_conflicts=True,
        unique_fields=["delivery"],
        update_fields=["labels"],
    )


def _sets(wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    digests = {_digest(names): names for names in wanted}
    found = _known(digests)
    new = [
        LabelSet(digest=digest, names=list(names)) for digest, names in sorted(digests.items()) if names not in found
    ]
    if new:
        # Another worker may write the same set at the same time: theirs is as good.
        LabelSet.objects.bulk_create(new, ignore_conflicts=True)
        found = _known(digests)
    return found


def _known(digests: Mapping[bytes, tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    rows = LabelSet.objects.filter(digest__in=list(digests)).values_list("digest", "pk")
    return {digests[bytes(digest)]: pk for digest, pk in rows}


def _digest(names: tuple[str, ...]) -> bytes:
    return hashlib.sha256(json.dumps(names).encode()).digest()[:16]


def labels_of(deliveries: Iterable[int]) -> dict[int, list[str]]:
    """The labels of deliveries that have some, by the deliveries' keys."""
    rows = DeliveryLabels.objects.filter(delivery__in=list(deliveries))
    return dict(rows.values_list("delivery", "labels__names"))

"""Which rules a gateway uses, and in which order."""

from __future__ import annotations

from django.db import transaction

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk.rule_models import Rule, RuleOrder
from podatelna.gateways.models import Gateway


def order(gateway: Gateway, direction: str) -> list[Rule]:
    """The gateway's rules from the top, those too that are off."""
    rows = RuleOrder.objects.filter(gateway=gateway, rule__direction=direction).select_related("rule")
    return [row.rule for row in rows]


@transaction.atomic
def put(gateway: Gateway, rule: Rule, position: int, by: Person | None) -> None:
    """Use the rule at this place (from 0) among the gateway's rules of its direction; also to move it."""
    before = _held(gateway, rule.direction)
    after = [one for one in before if one != rule.pk]
    after.insert(max(0, min(position, len(after))), rule.pk)
    _write(gateway, rule.direction, before, after, by)


@transaction.atomic
def take_out(gateway: Gateway, rule: Rule, by: Person | None) -> bool:
    """Use the rule there no longer; False when it was not used."""
    before = _held(gateway, rule.direction)
    _write(gateway, rule.direction, before, [one for one in before if one != rule.pk], by)
    return rule.pk in before


def _held(gateway: Gateway, direction: str) -> list[int]:
    Gateway.objects.select_for_update(of=("self",), no_key=True).filter(pk=gateway.pk).first()
    return [rule.pk for rule in order(gateway, direction)]


def _write(gateway: Gateway, direction: str, before: list[int], after: list[int], by: Person | None) -> None:
    if before == after:
        return
    RuleOrder.objects.filter(gateway=gateway, rule__direction=direction).exclude(rule__in=after).delete()
    for position, rule in enumerate(after):
        RuleOrder.objects.update_or_create(gateway=gateway, rule_id=rule, defaults={"position": position})
    record(by, "order-rules", f"gateway {gateway.pk}", direction=direction, before=before, after=after)

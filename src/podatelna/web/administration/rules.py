"""Rules over HTTP: the list, the editor, the order at each gateway, rehearsals. For administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.desk.placeholders import PLACEHOLDERS
from podatelna.desk.rule_models import Rule, RuleCall
from podatelna.desk.rules.ordering import order, put, take_out
from podatelna.desk.rules.rehearsal import MOST, Rehearsed, rehearse
from podatelna.gateways.models import Gateway
from podatelna.web import rule_words as words

from .access import administrators_only, changes
from .rule_form import RuleView, checked, is_being_written, read, summary

_FIELDS = ["name", "direction", "joined", "conditions", "actions", "stops", "is_on"]
_AT_ONCE = 100  # messages of a rehearsal in one answer
_USUAL = 200


@dataclass(frozen=True)
class OrderView:
    """The rules of one gateway and direction from the top, and those that could be added."""

    gateway: Gateway
    direction: str
    rules: list[Rule]
    others: list[Rule]


def _gateways() -> list[Gateway]:
    """Those of the company: rules never touch a private mailbox."""
    return list(Gateway.objects.filter(owner=None).order_by("address", "pk"))


# --- the list --------------------------------------------------------------------------------------------


@administrators_only
@require_safe
def rules(request: HttpRequest, by: Person) -> HttpResponse:
    """Every rule, and which of them each mailbox uses, in its order."""
    return _render_list(request)


def _render_list(request: HttpRequest) -> HttpResponse:
    everything = list(Rule.objects.prefetch_related("orders__gateway"))
    failed = RuleCall.objects.filter(state=RuleCall.State.FAILED).select_related("rule").order_by("-pk")[:10]
    context = {
        "rules": [
            {
                "rule": rule,
                "asks": list(summary(rule)),
                "does": words.listed([action.get("do") for action in rule.actions], words.ACTIONS),
                "used": rule.orders.all(),
            }
            for rule in everything
        ],
        "orders": [_order(gateway, direction, everything) for direction in ("in", "out") for gateway in _gateways()],
        "failed_calls": failed,
        "section": "rules",
    }
    return render(request, "administration/rules.html", context)


def _order(gateway: Gateway, direction: str, everything: Sequence[Rule]) -> OrderView:
    used = order(gateway, direction)
    others = [rule for rule in everything if rule.direction == direction and rule not in used]
    return OrderView(gateway, direction, used, others)


@administrators_only
@require_POST
def ordering(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Put a rule at a place of the mailbox's order, or take it out of there."""
    gateway = get_object_or_404(Gateway, pk=pk, owner=None)
    chosen = request.POST.get("rule", "")
    if not chosen:
        messages.warning(request, gettext("Choose a rule. Nothing was changed."))
        return redirect("administration_mail_rules")
    rule = get_object_or_404(Rule, pk=chosen if chosen.isdecimal() and len(chosen) < 19 else 0)
    if "away" in request.POST:
        take_out(gateway, rule, by)
    else:
        typed = request.POST.get("position", "")
        put(gateway, rule, int(typed) if typed.isdecimal() and len(typed) < 6 else 10_000, by)
    if request.headers.get("HX-Request"):
        return _render_list(request)
    return redirect("administration_mail_rules")


# --- one rule --------------------------------------------------------------------------------------------


@administrators_only
def new(request: HttpRequest, by: Person) -> HttpResponse:
    """A new rule for mail that comes, or for letters."""
    direction = "out" if request.GET.get("direction") == "out" else "in"
    rule = Rule(direction=direction)
    rule.conditions = [{"field": "subject", "how": "contains", "not": False, "lines": []}]
    rule.actions = [{"do": "tag"}]
    return _edit(request, rule, by)


@administrators_only
def rule(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One rule, changed."""
    return _edit(request, get_object_or_404(Rule, pk=pk), by)


def _edit(request: HttpRequest, rule: Rule, by: Person) -> HttpResponse:
    if request.method != "POST":
        return _render_form(request, RuleView(rule))
    before = model_to_dict(rule, _FIELDS)
    read(request.POST, rule)
    if is_being_written(request.POST):
        return _render_form(request, RuleView(rule))
    problems = checked(rule)
    if problems:
        return _render_form(request, RuleView(rule, problems), status=422)
    is_new = rule._state.adding
    with transaction.atomic():
        rule.changed_at = timezone.now()
        rule.save()
        act = "make-rule" if is_new else "change-rule"
        record(by, act, f"rule {rule.pk}", **changes({} if is_new else before, model_to_dict(rule, _FIELDS)))
        _use(rule, request, by)
    messages.success(request, gettext("The rule is saved. It applies to mail from now on."))
    return redirect("administration_mail_rules")


def _use(rule: Rule, request: HttpRequest, by: Person) -> None:
    """Use the rule at the mailboxes that were ticked: at the end of their order, or where it stands already."""
    wanted = set(request.POST.getlist("gateway"))
    used = set(rule.orders.values_list("gateway", flat=True))
    for gateway in _gateways():
        if str(gateway.pk) in wanted and gateway.pk not in used:
            put(gateway, rule, 10_000, by)
        elif str(gateway.pk) not in wanted and gateway.pk in used:
            take_out(gateway, rule, by)


def _render_form(request: HttpRequest, view: RuleView, status: int = 200) -> HttpResponse:
    rule = view.rule
    if request.method == "POST":
        ticked = {int(pk) for pk in request.POST.getlist("gateway") if pk.isdecimal()}
    else:
        ticked = set(rule.orders.values_list("gateway", flat=True)) if rule.pk else set()
    context = {
        "view": view,
        "rule": rule,
        "gateways": [(gateway, gateway.pk in ticked) for gateway in _gateways()],
        "placeholders": PLACEHOLDERS,
        "last": _USUAL,
        "most": MOST,
        "section": "rules",
    }
    return render(request, "administration/rule.html", context, status=status)


@administrators_only
@require_POST
def deletion(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Take a rule away everywhere; what it did stays."""
    row = get_object_or_404(Rule, pk=pk)
    with transaction.atomic():
        record(by, "delete-rule", f"rule {row.pk}", before=model_to_dict(row, _FIELDS))
        row.delete()
    messages.success(request, gettext("The rule is gone; what it did stays as it is."))
    return redirect("administration_mail_rules")


# --- rehearsing ------------------------------------------------------------------------------------------


@administrators_only
@require_POST
def rule_rehearsal(request: HttpRequest, by: Person) -> HttpResponse:
    """What the rule, as it stands in the form, would have done with the last messages of a mailbox."""
    pk = request.POST.get("rule", "")
    row = Rule.objects.filter(pk=pk).first() if pk.isdecimal() else None
    rule = read(request.POST, row or Rule(direction=request.POST.get("direction", "in")))
    rule.is_on = True
    problems = [problem for problem in checked(rule) if problem.where != "name"]
    gateway = _chosen_gateway(request.POST.get("rehearsed", ""))
    if problems or gateway is None:
        context = {"problems": RuleView(rule, problems), "missing": gateway is None}
        return render(request, "administration/rehearsal_problem.html", context)
    return _rehearsed(request, by, gateway, [rule], rule.direction, request.POST.get("before", ""))


@administrators_only
def order_rehearsal(request: HttpRequest, by: Person, pk: int, direction: str) -> HttpResponse:
    """What all rules of a mailbox would have done with its last messages."""
    gateway = get_object_or_404(Gateway, pk=pk, owner=None)
    if direction not in ("in", "out"):
        raise Http404
    if request.method == "POST":
        return _rehearsed(request, by, gateway, order(gateway, direction), direction, request.POST.get("before", ""))
    context = {"gateway": gateway, "direction": direction, "last": _USUAL, "most": MOST, "section": "rules"}
    return render(request, "administration/rehearsal.html", context)


def _chosen_gateway(pk: str) -> Gateway | None:
    return Gateway.objects.filter(pk=pk, owner=None).first() if pk.isdecimal() else None


def _number(typed: str, usual: int, most: int) -> int:
    return max(0, min(int(typed), most)) if typed.isdecimal() and len(typed) < 19 else usual


def _rehearsed(
    request: HttpRequest, by: Person, gateway: Gateway, tried: Sequence[Rule], direction: str, before: str
) -> HttpResponse:
    """A hundred messages, and the place from which the next answer goes on."""
    last = max(1, _number(request.POST.get("last", ""), _USUAL, MOST))
    done, matched = (_number(request.POST.get(name, ""), 0, MOST) for name in ("done", "matched"))
    from_key = int(before) if before.isdecimal() and len(before) < 19 else None
    found = list(islice(rehearse(gateway, tried, _AT_ONCE, by, direction, from_key), min(_AT_ONCE, last - done)))
    lines = [_line(one) for one in found if one.decisions]
    done, matched = done + len(found), matched + len(lines)
    context: dict[str, Any] = {
        "lines": lines,
        "done": done,
        "matched": matched,
        "last": last,
        "before": found[-1].key if found else "",
        "goes_on": bool(found) and len(found) == min(_AT_ONCE, last - done + len(found)) and done < last,
        "first": from_key is None,
        "url": request.path,
    }
    return render(request, "administration/rehearsal_rows.html", context)


def _line(one: Rehearsed) -> dict[str, Any]:
    return {
        "message": one.message,
        "conversation": one.conversation,
        "rules": [
            {
                "name": decision.rule.name,
                "on": words.listed(list(decision.on), words.FIELDS),
                "does": words.listed([action.get("do") for action in decision.actions], words.ACTIONS),
                "stops": decision.stopped,
            }
            for decision in one.decisions
        ],
    }


urlpatterns: list[URLPattern] = [
    path("rules/", rules, name="administration_mail_rules"),
    path("rules/new/", new, name="administration_mail_rule_new"),
    path("rules/rehearsal/", rule_rehearsal, name="administration_mail_rule_rehearsal"),
    path("rules/<int:pk>/", rule, name="administration_mail_rule"),
    path("rules/<int:pk>/deletion/", deletion, name="administration_mail_rule_deletion"),
    path("gateways/<int:pk>/rules/", ordering, name="administration_mail_rule_order"),
    path(
        "gateways/<int:pk>/rules/<slug:direction>/rehearsal/",
        order_rehearsal,
        name="administration_rehearsal",
    ),
]

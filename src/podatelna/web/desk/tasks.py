"""Tasks over HTTP: written down in a conversation, given to somebody, done; and one's own on a page."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.desk import tasks
from podatelna.desk.errors import BadTask, NotAssignable
from podatelna.desk.mark_models import Task
from podatelna.desk.models import Conversation

from .answers import by_verb, is_htmx, me, see_other, toast
from .mark_words import due_set_words
from .marked import task_lines
from .pane import done
from .places import find_conversation

_PAGE = 200


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What one has to do oneself, the first due first; with `done` what one has done."""
    finished = "done" in request.GET
    rows = task_lines(list(tasks.of_person(me(request), done=finished)[:_PAGE]))
    context = {"tasks": rows, "finished": finished, "slug": "tasks"}
    return render(request, "desk/tasks.html", context)


def _add(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    try:
        due = _date(request.POST.get("due", ""))
        person = _person(request, found)
        task = tasks.add_task(found, request.POST.get("text", ""), me(request), timezone.now(), person, due)
    except BadTask:
        return done(request, found, _("Say what is to be done."))
    except ValueError:
        return done(request, found, _("That is no date. The task was not written down."))
    undo = reverse("task", args=[task.pk]) + "?withdraw"
    return done(request, found, _("The task is written down."), undo)


def _date(typed: str) -> date | None:
    """Raises ValueError for what is no day."""
    return date.fromisoformat(typed) if typed else None


def _person(request: HttpRequest, conversation: Conversation) -> Person | None:
    """Who is to do it: somebody who works on the conversation; None for nobody in particular. Raises Http404."""
    given = request.POST.get("person", request.GET.get("person", ""))
    if not given:
        return None
    wanted = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    return get_object_or_404(tasks.people(conversation), pk=wanted)


conversation_tasks = by_verb(POST=_add)


def _found(request: HttpRequest, pk: int) -> Task:
    """A task on a conversation that one sees. Raises Http404."""
    return get_object_or_404(Task.objects.visible_to(me(request)).select_related("conversation__process"), pk=pk)


def _finish(request: HttpRequest, task: int) -> HttpResponse:
    found = _found(request, task)
    tasks.finish(found, me(request), timezone.now())
    return _answer(request, found, _("Done: %(task)s") % {"task": found.text}, reverse("task-undo", args=[found.pk]))


def _take_up(request: HttpRequest, task: int) -> HttpResponse:
    found = _found(request, task)
    tasks.take_up(found, me(request), timezone.now())
    return _answer(request, found, _("To be done again: %(task)s") % {"task": found.text})


def _post(request: HttpRequest, task: int) -> HttpResponse:
    return _withdraw(request, task) if "withdraw" in request.GET else _give(request, task)


def _withdraw(request: HttpRequest, task: int) -> HttpResponse:
    """Undo of writing it down."""
    found = _found(request, task)
    conversation = found.conversation
    gone = tasks.withdraw(found, me(request), timezone.now())
    return done(request, conversation, _("Undone.") if gone else _("It is too late to undo this."))


def _give(request: HttpRequest, task: int) -> HttpResponse:
    """Make it `person`'s."""
    found = _found(request, task)
    before = found.person_id or ""
    person = _person(request, found.conversation)
    try:
        tasks.give(found, person, me(request), timezone.now())
    except NotAssignable:
        return _answer(request, found, _("They do not work on this conversation."))
    words = _("%(name)s has the task now.") % {"name": person.name} if person else _("The task is anybody’s now.")
    return _answer(request, found, words, reverse("task", args=[found.pk]) + f"?person={before}")


def _put_off(request: HttpRequest, task: int) -> HttpResponse:
    """Another day for it: `due`, or none."""
    found = _found(request, task)
    before = found.due.isoformat() if found.due else ""
    try:
        due = _date(request.POST.get("due", request.GET.get("due", "")))
    except ValueError:
        return _answer(request, found, _("That is no date. Nothing was changed."))
    changed = tasks.put_off(found, due, me(request), timezone.now())
    undo = reverse("task-due", args=[found.pk]) + f"?due={before}" if changed else ""
    return _answer(request, found, due_set_words(due), undo)


def _answer(request: HttpRequest, task: Task, words: str, undo: str = "") -> HttpResponse:
    """The conversation as it is now, or the page of one's tasks when it was done there."""
    if request.POST.get("from") == "tasks" and not is_htmx(request):
        return toast(request, see_other(reverse("tasks")), words)
    return done(request, task.conversation, words, undo)


task = by_verb(POST=_post)
task_due = by_verb(POST=_put_off)
doing = by_verb(POST=_finish, DELETE=_take_up)
doing_undo = by_verb(POST=_take_up)

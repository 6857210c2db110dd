"""What people have put on a conversation, as its page shows it: tags, priority, tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from podatelna.desk import tags, tasks
from podatelna.desk.mark_models import Task
from podatelna.desk.models import Conversation
from podatelna.desk.priority import PRIORITIES, name_of

from .mark_words import due_words, priority_words


@dataclass(frozen=True)
class TaskLine:
    """A task as it is shown."""

    task: Task
    due: str  # in words, "" for no day
    late: bool


def task_lines(rows: list[Task]) -> list[TaskLine]:
    """Tasks with their days in words."""
    today = timezone.localdate()
    return [TaskLine(row, due_words(row.due, today) if row.due else "", row.is_late(today)) for row in rows]


def marks_of(conversation: Conversation) -> dict[str, Any]:
    """What the templates of a conversation need of them."""
    lines = task_lines(tasks.of_conversation(conversation))
    priority = name_of(conversation.priority)
    return {
        "tags": tags.tags_of(conversation),
        "priority": priority,
        "priorities": [(name, priority_words(name)) for name in PRIORITIES],
        "priority_words": priority_words(priority),
        "tasks": lines,
        "tasks_to_do": sum(not line.task.is_done for line in lines),
        "tasks_late": sum(line.late for line in lines),
        "task_people": list(tasks.people(conversation)),
    }

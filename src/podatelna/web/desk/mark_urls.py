"""URLs of what people put on conversations: tags, priority, tasks, mentions; and what they are told of."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import marks, mentioning, notices, order, selection, tasks

urlpatterns: list[URLPattern] = [
    path("tags", marks.known_tags, name="tags"),
    path("tasks/", tasks.mine, name="tasks"),
    path("tasks/<int:task>/", tasks.task, name="task"),
    path("tasks/<int:task>/due", tasks.task_due, name="task-due"),
    path("tasks/<int:task>/done", tasks.doing, name="task-done"),
    path("tasks/<int:task>/done/undo", tasks.doing_undo, name="task-undo"),
    path("notices/", notices.show, name="notices"),
    path("notices/seen", notices.seen, name="notices-seen"),
    path("desk/<slug:slug>/order", order.choose, name="list-order"),
    path("selection/tags", selection.tagging, name="selection-tags"),
    path("selection/priority", selection.priority, name="selection-priority"),
    path("conversations/<int:conversation>/tags", marks.conversation_tags, name="conversation-tags"),
    path("conversations/<int:conversation>/tags/undo", marks.conversation_tags_undo, name="conversation-tags-undo"),
    path("conversations/<int:conversation>/priority", marks.conversation_priority, name="conversation-priority"),
    path(
        "conversations/<int:conversation>/priority/undo",
        marks.conversation_priority_undo,
        name="conversation-priority-undo",
    ),
    path("conversations/<int:conversation>/tasks", tasks.conversation_tasks, name="conversation-tasks"),
    path("conversations/<int:conversation>/people", mentioning.people, name="conversation-people"),
    path("conversations/<int:conversation>/mentioned/<int:who>", mentioning.letting_out, name="mentioned"),
]

"""Deliveries, messages, parts, blobs and threads: the archive as tables.

`db_index=False` stands where an index or a unique constraint begins with the same column: each index is paid for with
every message.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from podatelna.accounts.access import Scoped
from podatelna.accounts.models import Person, Scope
from podatelna.claims import Claimable
from podatelna.mail.structure import Structure


class Blob(models.Model):
    """Content stored once, addressed by the SHA-256 of the plain bytes; small content here, large in the blob store."""

    sha256 = models.BinaryField(max_length=32, unique=True)
    size = models.BigIntegerField()
    # How the bytes stand: "" as they are, "zstd" or "packed" as compression.py packs them, "k7" also sealed with key 7.
    codec = models.CharField(max_length=8, blank=True, default="")
    inline = models.BinaryField(null=True)  # null: the bytes are in the blob store
    stored = models.BigIntegerField(null=True)  # how many bytes they are there; null: inline, or not known

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(size__gte=0), name="blob_size_not_negative")]


class DoomedBlob(models.Model):
    """An object of the blob store that no row holds any more: removed after the commit that dropped it."""

    name = models.CharField(max_length=64, primary_key=True)  # in the blob store
    doomed_at = models.DateTimeField(default=timezone.now)
    sha256 = models.BinaryField(max_length=32)  # of its content: a row that holds it again keeps the object
    removed_at = models.DateTimeField(null=True)  # kept for a while: whoever stored the same meanwhile looks here


class Dictionary(models.Model):
    """What the archive's own mail has in common, trained for zstd; frames name it by its id."""

    id = models.PositiveIntegerField(primary_key=True)
    data = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)


class Thread(models.Model):
    """Messages joined by References; parents that were never seen are keys without messages (ghosts)."""

    created_at = models.DateTimeField(default=timezone.now)
    # Set when it was joined into another one; it stays until whoever worked it has moved over (threads.bury).
    absorbed_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="absorbed")
    # Threads that people have split or joined, and what came of it, have one number; see rearranging.py.
    family = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["family"], condition=models.Q(family__isnull=False), name="thread_family"),
        ]


class ThreadKey(models.Model):
    """One Message-ID that was seen on a message or named by one; `key` is its SHA-256, cut to 16 bytes."""

    key = models.BinaryField(max_length=16, unique=True)
    message_id = models.TextField()
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="keys")


class ThreadDecision(models.Model):
    """What somebody decided about threads, remembered for all mail that comes later; see arrangement.py."""

    class Kind(models.TextChoices):
        CUT = "cut"  # `key` is the head of a thread of its own, with what answers it
        JOIN = "join"  # the threads of `key` and `other` are one
        TOKEN = "token"  # noqa: S105  # a mark. The same, because the subject of `key` names the conversation of `other`

    kind = models.CharField(max_length=5, choices=Kind.choices)
    key = models.ForeignKey(ThreadKey, models.CASCADE, related_name="decisions")
    other = models.ForeignKey(ThreadKey, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    memory = models.JSONField(default=dict)  # what undoing it needs to know

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(kind="cut"), name="thread_cut_once"),
        ]


class MessageQuerySet(Scoped["Message"]):
    """Messages; `visible_to` goes by the scopes of their deliveries."""


class Message(models.Model):
    """The archived mail itself, once; many deliveries may point at it.

    Its bytes are `body` (see Body) and `pieces`. What is parsed from the message is filled in by the pipeline
    (`parsed_at`), later than the bytes are durable.
    """

    scoped_by = "archive.DeliveryScope"

    fingerprint = models.BinaryField(max_length=32, unique=True)
    size = models.BigIntegerField()
    received_at = models.DateTimeField()

    parsed_at = models.DateTimeField(null=True)
    thread = models.ForeignKey(Thread, models.PROTECT, null=True, related_name="messages", db_index=False)
    key = models.ForeignKey(ThreadKey, models.PROTECT, null=True, related_name="messages")
    parent = models.ForeignKey(ThreadKey, models.PROTECT, null=True, related_name="children")
    message_id = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    from_name = models.TextField(blank=True, default="")
    from_address = models.CharField(max_length=320, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    preview = models.CharField(max_length=300, blank=True, default="")
    attachment_count = models.PositiveIntegerField(default=0)
    automatic = models.CharField(max_length=16, blank=True, default="")  # "", "auto-reply", "bulk", "list", "report"
    defects = models.JSONField(default=list)
    # Its place in the search index, null before it is there: the message's second (see search/ids.py), so that the
    # index lies in the order of time.
    search_id = models.BigIntegerField(null=True, unique=True)
    # What of it stands there (see search/documents.py: digest_of): whether it may be taken out word by word.
    search_digest = models.BinaryField(max_length=16, null=True)
    # When the text inside its attachments was read; null: not yet, or it has none (see extraction/).
    texts_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Message]] = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["thread", "received_at"]),
            models.Index(fields=["from_address", "-received_at"]),
            # Of those that wait only, the newest first.
            models.Index(
                fields=["-received_at", "-id"],
                condition=models.Q(texts_at__isnull=True, attachment_count__gt=0),
                name="message_texts_wait",
            ),
        ]


class LeftoverDocument(models.Model):
    """A place in the search index that must stay free: words stand there, and no message to them any more.

    SQLite takes a document out only when it is told its words; what had other words then waits for the next rebuilding.
    """

    search_id = models.BigIntegerField(primary_key=True)
    also_new = models.BooleanField(default=False)  # its words are in the index that is being made, too


class IndexBuild(models.Model):
    """The search index is being made anew, the newest messages first; the one row says how far it has come.

    What is indexed meanwhile goes where `cursor` says: messages from there on are in the new index already.
    """

    class Kind(models.TextChoices):
        FILLING = "filling"  # the index that is searched has lost, or never had, the messages before the cursor
        BESIDE = "beside"  # a new index grows beside the one that is searched
        CLEARING = "clearing"  # the new one has taken its place; the old one is being taken away

    kind = models.CharField(max_length=8, choices=Kind.choices)
    cursor = models.BigIntegerField()  # a message's pk
    total = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    unread = models.BigIntegerField(default=0)  # messages that could not be read
    started_at = models.DateTimeField(default=timezone.now)


class Body(models.Model):
    """The first copy's header block and the body of a message, its large parts cut out: skeleton.py, packed.

    Apart from Message, whose rows are written again while it is processed and read for every list.
    """

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="body")
    skeleton = models.BinaryField()


class Piece(models.Model):
    """A part of a message's body that is stored outside of the skeleton, and how its bytes are made again."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="pieces", db_index=False)
    position = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="pieces")
    recipe = models.CharField(max_length=40, blank=True, default="")  # "" is verbatim; see mail/recipes.py

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="piece_once")]
        ordering = ["position"]


class Part(models.Model):
    """A leaf of the MIME tree as read: its name, its type, and its decoded content where stored by itself."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="parts", db_index=False)
    position = models.PositiveIntegerField()
    content_type = models.CharField(max_length=255)
    filename = models.CharField(max_length=255, blank=True, default="")  # safe to be used as a file's name
    content_id = models.CharField(max_length=500, blank=True, default="")
    is_attachment = models.BooleanField()
    size = models.BigIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="parts")  # null: inside the skeleton

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="part_once")]
        ordering = ["position"]


class Correspondent(models.Model):
    """Somebody named in a message's From, To, Cc, Bcc, Reply-To or Sender."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="correspondents")
    role = models.CharField(max_length=10)
    name = models.CharField(max_length=300, blank=True, default="")
    address = models.CharField(max_length=320, db_index=True)  # lower case

    class Meta:
        ordering = ["pk"]


class Origin(models.Model):
    """Where deliveries come from: a gateway (which owns its origin), an import, a reply sent from the desk."""

    class Kind(models.TextChoices):
        IMAP = "imap"
        SMTP = "smtp"  # brought to us by SMTP or LMTP
        FORM = "form"  # written into a web form
        IMPORT = "import"
        SENT = "sent"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=320)

    class Meta:
        constraints = [
            # An import that is repeated must meet its own deliveries again.
            models.UniqueConstraint(fields=["name"], condition=models.Q(kind="import"), name="origin_import_once")
        ]


class DeliveryQuerySet(Scoped["Delivery"]):
    """Deliveries; `visible_to` goes by their own scopes."""


class Delivery(Claimable):
    """One arrival of a message: where it stood, its envelope, its own header block. Also the pipeline's queue."""

    scoped_by = "archive.DeliveryScope"

    class State(models.TextChoices):
        RECEIVED = "received"  # durable, and the pipeline has not been through yet
        DONE = "done"
        SHUNTED = "shunted"  # a stage raised: kept, listed, can be replayed
        RELEASED = "released"  # it was shunted, and somebody handed it to a process by hand; see desk/quarantined.py

    origin = models.ForeignKey(Origin, models.PROTECT, related_name="deliveries", db_index=False)
    place = models.BinaryField(max_length=20)  # a digest of where it stood: the same arrival is taken once
    message = models.ForeignKey(Message, models.PROTECT, related_name="deliveries")
    # Everything up to and with the empty line, coded against the one in the message's body; b"": the same.
    header = models.BinaryField()
    sha256 = models.BinaryField(max_length=32)  # of the original bytes
    size = models.BigIntegerField()
    mail_from = models.CharField(max_length=320, null=True)
    rcpt_to = models.JSONField(default=list)
    seen_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)  # looked for together with `state`, see the index
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=16, blank=True, default="")
    error = models.TextField(blank=True, default="")

    # No column: what it was just made of (its bytes and their structure), for whoever goes on with it at once.
    fresh: tuple[bytes, Structure] | None = None

    objects: ClassVar[models.Manager[Delivery]] = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "place"], name="delivery_once")]
        indexes = [models.Index(fields=["state", "due_at"])]


class DeliveryScope(models.Model):
    """A delivery carries a scope; `message` is repeated here so that one index answers "may she see this message"."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="scope_links", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="scope_links", db_index=False)
    scope = models.ForeignKey(Scope, models.CASCADE, related_name="delivery_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "scope"], name="delivery_scope_once")]
        indexes = [models.Index(fields=["message", "scope"])]


class BroughtBy(models.Model):
    """Who brought a delivery to us, as the SMTP or LMTP session knows it; no header has it."""

    delivery = models.OneToOneField(Delivery, models.CASCADE, primary_key=True, related_name="brought_by")
    address = models.CharField(max_length=45, blank=True, default="")  # "": a program of this machine
    helo = models.CharField(max_length=255, blank=True, default="")
    protocol = models.CharField(max_length=8)  # "smtp" or "lmtp"
    tls = models.CharField(max_length=16, blank=True, default="")  # like "TLSv1.3"; "": in clear
    named = models.BooleanField(default=False)  # a server of one's own: what it wrote into the header says who it had


class Verdict(Claimable):
    """Whether a delivery is from whom it says: what SPF, DKIM, DMARC and ARC proved; see verdicts.py.

    One with `due_at` waits to be judged. Imports and what was sent have none.
    """

    delivery = models.OneToOneField(Delivery, models.CASCADE, primary_key=True, related_name="verdict")
    due_at = models.DateTimeField(null=True, blank=True)
    summary = models.CharField(max_length=16, blank=True, default="")  # of mail.trust.summary; "" before it is judged
    found = models.JSONField(default=dict)
    judged_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        # Of those that wait only: they are few, and all others are looked for by their delivery.
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="verdict_due")]


class AttachmentText(models.Model):
    """The text inside a content, read once however many messages hold it; see extraction/.

    `kind` is how it was read (extractor/kinds.py): the same bytes as a page and as plain text are two texts.
    """

    class State(models.TextChoices):
        READING = "reading"  # by whoever holds `leased_until`, or it waits to be read once more
        READ = "read"  # `reason` says why not all of it, "" when all was
        FAILED = "failed"  # `reason` says why

    sha256 = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READING)
    reason = models.CharField(max_length=16, blank=True, default="")  # a word of extractor/findings.py
    detail = models.TextField(blank=True, default="")  # for administrators
    text = models.BinaryField(null=True)  # packed
    characters = models.PositiveIntegerField(default=0)
    extracted_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256", "kind"], name="attachment_text_once")]
        indexes = [models.Index(fields=["reason"], condition=models.Q(state="failed"), name="attachment_text_failed")]


class PartText(models.Model):
    """An attachment of a message and the text of its content. By position: parts are made anew with each parsing."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="part_texts", db_index=False)
    position = models.PositiveIntegerField()
    text = models.ForeignKey(AttachmentText, models.PROTECT, related_name="part_texts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="part_text_once")]
        ordering = ["position"]


class LabelSet(models.Model):
    r"""Folders and flags that deliveries came with; thousands of deliveries share a set, so each costs two numbers.

    `names` is sorted: folders as people write them ("Work/2024"), IMAP's flags with their backslash ("\Seen"),
    keywords after a "#" ("#$Forwarded"); see labels.py.
    """

    digest = models.BinaryField(max_length=16, unique=True)  # of the names
    names = models.JSONField()


class DeliveryLabels(models.Model):
    """The labels of a delivery that was imported."""

    delivery = models.OneToOneField(Delivery, models.CASCADE, primary_key=True, related_name="labelled")
    labels = models.ForeignKey(LabelSet, models.PROTECT, related_name="deliveries")


class ImportPosition(models.Model):
    """How far a folder of an IMAP account is imported: every UID up to `uid` is here, but for the `failed` ones."""

    key = models.BinaryField(max_length=32, unique=True)  # of origin, account, folder and uidvalidity
    origin = models.ForeignKey(Origin, models.CASCADE, related_name="+")
    account = models.TextField()
    folder = models.TextField()
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField(default=0)
    failed = models.JSONField(default=list)


class ImportJob(Claimable):
    """An import that was started on the desk and that a worker carries out; see import_jobs.py."""

    class Kind(models.TextChoices):
        UPLOAD = "upload"
        FOLDER = "folder"
        IMAP = "imap"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"  # `error` says why

    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.JSONField()  # what is imported; a password is in `sealed` alone
    sealed = models.BinaryField(default=bytes)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    cancelling = models.BooleanField(default=False)
    fraction = models.FloatField(null=True)  # of the source's bytes or messages that are worked
    place = models.TextField(blank=True, default="")  # the file or folder that it is in
    seconds = models.FloatField(default=0.0)
    new = models.PositiveIntegerField(default=0)
    already_here = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]


class ExportJob(Claimable):
    """An export too large to be waited for: a worker makes the file, its owner fetches it; see desk/exports.py."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"  # `error` says why
        EXPIRED = "expired"  # the file is gone

    token = models.CharField(max_length=43, unique=True)  # 256 random bits: the address of its pages and its file
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    selection = models.JSONField()
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=8, blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    cancelling = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # deliveries that can no longer be read
    bytes = models.BigIntegerField(default=0)  # of the file
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]


from .proof_models import ArrivalRun, Finding, Tombstone, Verification  # noqa: E402, F401  # tables of this app

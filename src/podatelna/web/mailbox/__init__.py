"""My mailbox: a person's own mailbox, connected by themselves or prepared by an administrator."""

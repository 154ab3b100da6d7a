"""What runs the pure core: clock, mailbox, loop, supervised tasks and logs."""

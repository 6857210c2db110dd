"""What is to be sent: queue, attempts, backing off."""

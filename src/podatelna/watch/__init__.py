"""How the house is doing: queues and their ages, checks that raise alarms, telling people of them."""

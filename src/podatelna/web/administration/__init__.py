"""Pages for administrators: company, people, processes, gateways."""

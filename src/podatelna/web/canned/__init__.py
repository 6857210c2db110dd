"""Pages for canned answers and signatures, and putting an answer into what one writes."""

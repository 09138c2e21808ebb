"""`ivr bench answerer`: calls that people, machines and networks answer, made by seed and judged."""

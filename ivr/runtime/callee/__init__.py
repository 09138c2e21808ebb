"""The other end of calls that we place, for tests and demos: people, machines and networks."""

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench demo-campaign

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## fetch and prepare everything; afterwards no network is needed
	@deploy/setup

run: setup ## set up, then start the hotline and keep it running
	@exec .venv/bin/ivr run

test: ## set up with what tests need, then run them all
	@deploy/setup --tests
	@.venv/bin/pytest -n 2 --dist loadgroup --no-loadscope-reorder

check: ## format, lint, types and import directions
	@deploy/setup
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: ## latency, media gaps and CPU per call, as JSON on standard output
	@deploy/setup >&2
	@.venv/bin/ivr bench calls

demo-campaign: setup ## ring an invented town on this machine and watch it live
	@.venv/bin/ivr demo campaign

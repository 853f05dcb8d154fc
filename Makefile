# Seatrush: two commands for everybody (`make up`, `make test`); the rest is for developers and operators.
SHELL := /bin/bash
PYTHON := .venv/bin/python
LOCK := requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help up down status logs test lint format bench lab lab-down lab-status drill drills rehearse lock packages test-packages

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

packages:
	@python3 -m ops.stack.packages

test-packages:
	@python3 -m ops.stack.packages --with-tests

# The stamp is newer than the lock file exactly when what is installed is what the lock file says.
.venv/.installed: $(LOCK) | packages
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@touch $@

up: packages .venv/.installed ## set everything up and run the whole system with a demo campus (PORT=8080)
	@$(PYTHON) -m ops.stack up

down: ## stop the system (its data stays in var/)
	@$(PYTHON) -m ops.stack down

status: ## what is running
	@$(PYTHON) -m ops.stack status

logs: ## the last log lines of every service (NAMES="web redis")
	@$(PYTHON) -m ops.stack logs $(NAMES)

lab: .venv/.installed ## three hosts with the whole system on each, in namespaces of this machine (needs root)
	@$(PYTHON) -m ops.lab $(ARGS) up

lab-down: ## stop the three hosts (their data stays in var/lab/)
	@$(PYTHON) -m ops.lab down

lab-status: ## what runs on the three hosts, and which one has the address
	@$(PYTHON) -m ops.lab status

test: test-packages .venv/.installed ## run every test on private, real servers (ARGS="-k booking")
	@$(PYTHON) -m $(if $(ARGS),pytest $(ARGS),tests.lanes)

lint: test-packages .venv/.installed ## ruff, mypy, import contracts
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: .venv/.installed ## format the code
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

bench: test-packages .venv/.installed ## measure on a private stack (ARGS="--quick")
	@$(PYTHON) -m ops.bench run $(ARGS)

drill: test-packages .venv/.installed ## break one thing under load and check everything (D=redis-killed; no D: each server; ARGS="--rate 100")
	@$(PYTHON) -m ops.drills run $(D) $(ARGS)

drills: ## every drill
	@$(MAKE) --no-print-directory drill ARGS="--all $(ARGS)"

rehearse: test-packages .venv/.installed ## an opening minute: drain time, worst wait, first bottleneck, hosts needed (STUDENTS=30000; ARGS="--lab")
	@$(PYTHON) -m ops.rehearsal run $(if $(STUDENTS),--students $(STUDENTS)) $(ARGS)

lock: ## write the lock files anew from setup.cfg (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url setup.cfg -o requirements.txt --custom-compile-command 'make lock' --upgrade
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra test setup.cfg -o requirements-dev.txt --custom-compile-command 'make lock' -c requirements.txt --upgrade

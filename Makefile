.DEFAULT_GOAL := help
.PHONY: help demo demo-check test coverage mutation lint format docs links package matrix bench bench-pages load messages pins clean

# Exported only if given: PYTHON=/path/to/python3 make ...
export PYTHON

define ready
	@python=$$(sh tools/find-python) && "$$python" tools/environment.py $(1)
endef
run := @.venv/bin/python -m

help:  ## Say what there is
	@echo "make TARGET, with TARGET one of:"
	@sed -n 's/^\([a-z-]*\):.*##/  \1:/p' $(MAKEFILE_LIST) | awk -F: '{printf "%-14s%s\n", $$1, $$2}'
	@echo "Variables: PYTHON (interpreter), DATABASE_URL (PostgreSQL to use), PORT (of the demo), ARGS (for pytest, tox, bench or load)"

demo:  ## Serve AriStay on this machine, as a company that looks alive
	$(call ready,demo)
	$(run) tools.demo

demo-check:  ## Do all that, look at the pages of each role, and stop
	$(call ready,demo)
	$(run) tools.demo --check

test:  ## Run every test on SQLite and on PostgreSQL
	$(call ready,test)
	$(run) tools.suite $(ARGS)

coverage:  ## Measure what the tests reach, and fail below the floors; ARGS="--on SQLite" is the quicker half
	$(call ready,test)
	$(run) tools.coverage $(ARGS)

mutation:  ## Put faults into the library's core and see whether tests notice; ARGS="diff" for one area
	$(call ready,test)
	$(run) tools.mutation map $(ARGS)
	$(run) tools.mutation run $(ARGS)

lint:  ## Check style, spelling, types, import rules, and that no migration is missing
	$(call ready,lint)
	$(run) tools.lint

format:  ## Let ruff sort and format the code
	$(call ready,lint)
	$(run) ruff check --fix --quiet .
	$(run) ruff format .

docs:  ## Build the documentation; warnings are errors
	$(call ready,docs)
	$(run) sphinx --fail-on-warning --keep-going -b html docs docs/_build/html

links:  ## Ask whether the pages elsewhere that ours name are there (wants the internet)
	$(call ready,docs)
	$(run) sphinx -b linkcheck docs docs/_build/links

package:  ## Build wheel and sdist, and install each into an empty environment
	$(call ready,package)
	$(run) tools.package

matrix:  ## Run the tests on every Python, Django and database, as far as they are here
	$(call ready,matrix)
	$(run) tools.matrix $(ARGS)

bench:  ## Measure the library against plain Django and its peers; ARGS="--only save" measures one group
	$(call ready,bench)
	$(run) benchmarks $(ARGS)

bench-pages:  ## Measure everything on both databases, and write the figures into docs/development
	$(call ready,bench)
	$(run) benchmarks.publish $(ARGS)

load:  ## Let fifty people work on AriStay as it is deployed; ARGS="--people 10 --seconds 20"
	$(call ready,load)
	$(run) load $(ARGS)

messages:  ## Collect the texts for translation, and compile what is translated (wants gettext)
	$(call ready,demo)
	cd src/django_modernize && ../../.venv/bin/django-admin makemessages --locale=de --add-location=never --no-wrap --no-obsolete
	cd src/django_modernize && ../../.venv/bin/django-admin compilemessages --verbosity=0
	cd example_project && ARISTAY_DEBUG=1 ../.venv/bin/python manage.py makemessages --locale=de --add-location=never --no-wrap --no-obsolete --ignore=legacy
	cd example_project && ARISTAY_DEBUG=1 ../.venv/bin/python manage.py compilemessages --verbosity=0

pins:  ## Compile the exact versions in requirements/ anew
	$(call ready,pins)
	$(run) tools.pins

clean:  ## Remove what was built; the demo's data in var/ stays
	rm -rf .venv .tox build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

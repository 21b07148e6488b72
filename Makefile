# The book's commands. Every one sets itself up first; that is quick when nothing changed.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Material announces its successor on every build; we know, and pin what we build with.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help setup serve site test page outputs notebooks lint bench screenshot clean

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: ## make .venv and node_modules, or do nothing if they are up to date
	@$(PYTHON) tools/setup.py

serve: setup ## build the book and serve it on localhost, reloading on every edit (PORT=8000)
	$(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:$(PORT)

site: setup ## build the book into site/, strictly; site/index.html opens from disk
	$(BIN)/python -m mkdocs build --strict

# One thread for each worker: there is a worker for each core already.
test: setup lint ## run everything: lint, types, the strict build, all tests
	$(BIN)/python -m mkdocs build --strict --site-dir .cache/site
	NNBOOK_SITE=.cache/site OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
		$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

page: setup ## check and preview one chapter: make page PAGE=docs/chapters/neuron.md
	@test -f "$(PAGE)" || { echo "name a page: make page PAGE=docs/chapters/neuron.md"; exit 2; }
	$(BIN)/python -m weave --check $(PAGE)
	NNBOOK_API=false WEAVE_ONLY=$(PAGE) $(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:$(PORT)

outputs: setup ## rewrite the output fences that no longer say what their snippets print
	$(BIN)/python -m weave --outputs $(PAGE)

notebooks: setup ## rewrite the labs' notebooks after an edit of their pages
	$(BIN)/python -m tools.labs

lint: setup ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/node.py node_modules/typescript/bin/tsc --project .

bench: setup ## measure nnbook against PyTorch and scikit-learn; rewrite docs/benchmarks.md
	$(BIN)/python -m benchmarks

screenshot: site ## renew the README's picture of the book (needs Chromium)
	$(BIN)/python tests/browser/shots.py --readme

clean: ## remove everything the other commands made
	rm -rf .venv node_modules site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

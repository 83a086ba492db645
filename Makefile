# What can be done with Sluice. Each target is a script or two in scripts/; `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help dev test check fmt openapi examples build cli bench fuzz deploy setup clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## Serve on 127.0.0.1 with an account and a website to try (PORT, STATE_DIR, any setting)
	@scripts/setup dev
	@exec scripts/run node scripts/dev.mjs

test: ## Run every test and say how many passed (ONLY=part of a step's name)
	@scripts/setup tests
	@exec scripts/run node scripts/test.mjs

check: ## Check format, lints, dependencies, citations and generated files
	@scripts/setup check
	@scripts/check

fmt: ## Format the source
	@cargo fmt --all
	@node_modules/.bin/biome check --write --log-level=warn .

openapi: ## Write openapi.json from the source
	@scripts/generate

examples: build ## Record real answers for openapi.json, and write it
	@scripts/run node scripts/with-gateways.mjs -- node openapi/record.mjs
	@scripts/generate

build: setup ## Build the Worker into build/
	@scripts/build-worker

cli: ## Build the command line for this machine: target/dist/sluice
	@scripts/dist

bench: build ## Measure a gateway on this machine
	@scripts/run node bench/run.mjs
	@scripts/run node bench/site.mjs
	@scripts/run node bench/automation.mjs

fuzz: ## Fuzz what strangers send for a while (SECONDS=60 each)
	@fuzz/run $(SECONDS)

deploy: setup ## Take it to Cloudflare (DRY_RUN=1 stops before the upload)
	@exec scripts/run node scripts/deploy.mjs

setup: ## Install what is missing
	@scripts/setup

clean: ## Remove what was built, but neither tools nor data
	@rm -rf target build .wrangler

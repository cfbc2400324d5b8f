# Everything a newcomer or a continuous-integration job does with this repository. `make` alone lists it.
# Arguments go through: make test FILTER=Scenario, make demo SCENARIO=Scenarios/requests.yaml

FILTER ?=
BENCH ?=
SCENARIO ?= Scenarios/quickstart.yaml
SOURCES := Sources Tests Benchmarks Package.swift
PROGRAM := .build/release/faascast

.DEFAULT_GOAL := help
.PHONY: help setup build demo guests test oracles lint format traces bench bench-microvm conformance picture clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing on Debian or Ubuntu (elsewhere: say what is)
	@Scripts/setup

build: ## build the program for use: .build/release/faascast
	swift build -c release --product faascast

demo: setup build ## setup, build, and simulate a week of a web shop
	$(PROGRAM) simulate $(SCENARIO)

test: setup lint ## check the style and run all tests (FILTER=… for some)
	swift build --build-tests
	swift test --skip-build $(if $(FILTER),--filter '$(FILTER)')

lint: ## check the style of the code
	swift format lint --strict --recursive $(SOURCES)

format: ## mend the style of the code
	swift format --in-place --recursive $(SOURCES)

oracles: setup ## hold simulations of ten million invocations a case against reference values (minutes)
	swift build -c release --build-tests -Xswiftc -enable-testing --scratch-path .build/oracles
	FAASCAST_LONG=1 swift test -c release --skip-build -Xswiftc -enable-testing --scratch-path .build/oracles \
		--filter 'PlanningTests'

traces: build ## make the sample traces in Traces/ again from the scenarios beside them
	rm -rf Traces/azure-week Traces/lambda-logs
	$(PROGRAM) trace synthesize Traces/azure-week.yaml --format azure-2019 --output Traces/azure-week
	$(PROGRAM) trace synthesize Traces/checkout-requests.yaml --format invocations-csv \
		--output Traces/checkout-requests.csv.gz
	$(PROGRAM) trace synthesize Traces/lambda-logs.yaml --format lambda-logs-text --output Traces/lambda-logs
	$(PROGRAM) trace synthesize Traces/lambda-logs.yaml --format lambda-logs-json \
		--output Traces/lambda-logs/platform-events.ndjson.gz

guests: ## build the sample functions that faascast measure runs
	@Guests/build

bench: build ## race the engine against rivals in C; exit status 1 below a threshold (BENCH=memory for a part)
	swift build -c release --package-path Benchmarks/Engine
	Benchmarks/Engine/.build/release/EngineBenchmark $(BENCH)

picture: ## make the README's picture of a report again (needs a browser: chromium)
	@Scripts/picture

bench-microvm: ## measure the virtual machine monitor against one in C (needs /dev/kvm and a quiet host)
	swift build -c release --package-path Benchmarks/Monitor
	Benchmarks/Monitor/.build/release/MicroVMBenchmark

conformance: ## run the tests of machines on emulated SVM with a distribution's kvm-amd (needs QEMU and a cloud kernel)
	@Scripts/conformance

clean: ## remove everything that was built
	rm -rf .build

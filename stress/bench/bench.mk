# Included by the Makefile, which sets BUILD, CXX, HEADER and what setup needs.
#   make bench                                  the channel against its peers, some minutes
#   make bench BENCH=quick                      to see that it works
#   make bench PEER="kanal go" WORKLOAD=spsc    some of them; ROUNDS=9

BENCH_BUILD    := $(BUILD)/bench
BENCH_PACKAGES := g++:g++ clang-19:clang++-19 libc++-19-dev libboost-fiber-dev libboost-context-dev libtbb-dev libconcurrentqueue-dev python3-matplotlib \
                  cargo:cargo golang:go util-linux:taskset
BENCH_FLAGS    := -std=c++23 -O3 -Wall -Wextra -Iimpl/include -pthread
# The Python that Debian's matplotlib is installed for.
BENCH_PYTHON   ?= /usr/bin/python3
ROUNDS ?= 5

.PHONY: bench bench-programs
bench:
	@verify/setup.sh '$(SETUP)' '$(TLC_JAR)' '$(TLC)' '$(TLC_SHA)' $(BENCH_PACKAGES)
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) --no-print-directory -j2 bench-programs
	@rm -f $(BENCH_BUILD)/report.json
	@python3 -m ferry_tools.bench --build '$(BENCH_BUILD)' --rounds '$(ROUNDS)' $(if $(filter quick,$(BENCH)),--quick) \
	    --peer '$(PEER)' --workload '$(WORKLOAD)'; status=$$?; \
	    [ ! -f $(BENCH_BUILD)/report.json ] || $(BENCH_PYTHON) -m ferry_tools.bench_plots $(BENCH_BUILD)/report.json || status=1; \
	    exit $$status

bench-programs: $(BENCH_BUILD)/limits $(BENCH_BUILD)/peers-cpp rust-peers go-peers

$(BENCH_BUILD)/limits: stress/bench/cpp/limits.cpp
	@mkdir -p $(@D)
	@echo '  compile  $<'
	@$(CXX) $(BENCH_FLAGS) $< -o $@

$(BENCH_BUILD)/peers-cpp: stress/bench/cpp/peers.cpp stress/bench/cpp/queues.hpp $(HEADER)
	@mkdir -p $(@D)
	@echo '  compile  $<'
	@$(CXX) $(BENCH_FLAGS) -Wno-restrict -Wno-maybe-uninitialized $< -o $@ -lboost_fiber -lboost_context -ltbb

# What can't be built is listed as missing, with the last line of the log; the others are measured.
.PHONY: rust-peers go-peers
rust-peers:
	@mkdir -p $(BENCH_BUILD)/rust && cp -r stress/bench/rust/. $(BENCH_BUILD)/rust
	@echo '  cargo    stress/bench/rust'
	@cd $(BENCH_BUILD)/rust && { cargo build --release >../peers-rust.log 2>&1 && cp target/release/peers ../peers-rust; } || rm -f ../peers-rust

go-peers:
	@mkdir -p $(BENCH_BUILD)
	@echo '  go       stress/bench/go'
	@(cd stress/bench/go && go build -o '$(abspath $(BENCH_BUILD))/peers-go' . ) >$(BENCH_BUILD)/peers-go.log 2>&1 || rm -f $(BENCH_BUILD)/peers-go

# Included by the Makefile, which sets BUILD, CXX, CLANGXX, HEADER and TLC_JAR.
#   make test                           builds and runs all tests
#   make test SAN=address,undefined     the same under sanitizers
#   make test ONLY=S17                  only tests whose names contain this (then no statement is asked for)
#   make lint                           no value is used after it was sent or moved; formats; the tools' own lint

TEST_COMMA := ,
TEST_BUILD := $(BUILD)/test$(if $(SAN),-$(subst $(TEST_COMMA),-,$(SAN)))
TEST_JOBS  := $(shell nproc)

TEST_WARN  := -std=c++23 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iimpl/include -Itests -Iverify
TEST_FLAGS := $(TEST_WARN) -O1 -g1 -pthread $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -DFERRY_TEST_SANITIZED)

# Under ThreadSanitizer (clang's: it knows every way to wait), the tests whose threads run free, or are stopped by
# gates that order nothing.
TEST_RACE_BUILD := $(BUILD)/test-race
TEST_RACE_FLAGS := $(TEST_FLAGS) -fsanitize=thread -DFERRY_TEST_SANITIZED

# Counted by gcov, in a program of its own: counting orders the threads, so it is kept away from the others.
TEST_COVER_BUILD := $(BUILD)/test-coverage
TEST_COVER_FLAGS := $(TEST_WARN) -pthread -O0 --coverage -fprofile-update=atomic

# With ONLY, only the files that have such tests are compiled.
TEST_UNITS    := $(if $(ONLY),$(shell grep -l '^TEST.*$(ONLY)' tests/unit/*.cpp),$(wildcard tests/unit/*.cpp))
TEST_SOURCES  := $(sort $(wildcard tests/harness/*.cpp) $(TEST_UNITS) verify/trace/judge.cpp)
TEST_STAGED   := staged_blocks staged_sends staged_sleeps
TEST_OBJECTS  := $(TEST_SOURCES:%.cpp=$(TEST_BUILD)/%.o)
TEST_RACE_OBJECTS := $(patsubst %.cpp,$(TEST_RACE_BUILD)/%.o,$(wildcard tests/harness/*.cpp) verify/trace/judge.cpp \
                        $(filter $(TEST_UNITS),$(foreach name,free_running standard_platform parkers batches bounded reference_bounded handles $(TEST_STAGED) unwinding throwing_clocks stopping \
                                    platform_contract disconnected,tests/unit/$(name).cpp)))
TEST_COVER_OBJECTS := $(patsubst %.cpp,$(TEST_COVER_BUILD)/%.o,$(wildcard tests/harness/*.cpp) verify/trace/judge.cpp \
                        $(filter $(TEST_UNITS),$(foreach name,one_thread batches bounded bounded_deadlines reference_bounded staged_ring handles any_type iterating reentrant $(TEST_STAGED) memory waiting pace parkers standard_platform faults \
                                    reference_meetings reference_deadlines reference_streams unwinding throwing_clocks clocks_that_call stopping platform_contract \
                                    disconnected,tests/unit/$(name).cpp)))
TEST_EXAMPLES := $(patsubst impl/examples/%.cpp,$(TEST_BUILD)/examples/%,$(wildcard impl/examples/*.cpp))

CLANG_TIDY ?= clang-tidy-19
CLANG_FORMAT ?= clang-format-19

# Installed here, by name, from the registries that pip and go are set up for. This actionlint is of the age of Debian's go.
LINT_PYTHON := $(BUILD)/lint/python
ACTIONLINT  := github.com/rhysd/actionlint/cmd/actionlint@v1.6.27
$(LINT_PYTHON)/ready: verify/tools/pyproject.toml tests/test.mk | setup
	@echo '  install  ruff, mypy, check-jsonschema, actionlint'
	@mkdir -p $(@D) && python3 -m venv $(@D) && $(@D)/bin/pip install --quiet ruff mypy check-jsonschema && \
	    GOBIN='$(abspath $(@D))/bin' go install $(ACTIONLINT) 2>$(BUILD)/lint/go.log || { cat $(BUILD)/lint/go.log >&2; exit 1; }
	@touch $@

.PHONY: lint
lint: $(LINT_PYTHON)/ready
	@$(LINT_PYTHON)/bin/python -m ferry_tools.lint --build '$(BUILD)' --tidy '$(CLANG_TIDY)' --format '$(CLANG_FORMAT)' --flags '$(TEST_WARN)' \
	    $(HEADER) $(wildcard impl/examples/*.cpp) $(TEST_SOURCES)

.PHONY: test test-programs
test:
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) --no-print-directory -j$(TEST_JOBS) test-programs || \
	    { echo 'test: it does not compile' >&2; echo 'test: 0 passed, 1 failed'; exit 1; }
	@python3 -m ferry_tools.tests --build '$(TEST_BUILD)' --gxx '$(CXX) $(TEST_WARN)' --clangxx '$(CLANGXX) $(TEST_WARN)' \
	    --tidy '$(CLANG_TIDY)' --jar '$(TLC_JAR)' --only '$(ONLY)' \
	    $(if $(SAN),,--builds --counts '$(TEST_BUILD)/counts' --race-build '$(TEST_RACE_BUILD)' --cover-build '$(TEST_COVER_BUILD)')

test-programs: $(TEST_BUILD)/unit $(if $(SAN),,$(TEST_RACE_BUILD)/unit)
ifndef ONLY
test-programs: $(TEST_BUILD)/replay $(TEST_EXAMPLES) $(if $(SAN),,$(TEST_BUILD)/counts $(TEST_COVER_BUILD)/unit)
endif

$(TEST_BUILD)/unit: $(TEST_OBJECTS) $(TEST_BUILD)/units
	@echo '  link     $@'
	@$(CXX) $(TEST_FLAGS) $(TEST_OBJECTS) -lcppunit -o $@

$(TEST_BUILD)/replay: $(TEST_BUILD)/tests/from_spec/replay.o
	@echo '  link     $@'
	@$(CXX) $(TEST_FLAGS) $^ -lcppunit -o $@

$(TEST_RACE_BUILD)/unit: $(TEST_RACE_OBJECTS) $(TEST_RACE_BUILD)/units
	@echo '  link     $@'
	@$(CLANGXX) $(TEST_RACE_FLAGS) $(TEST_RACE_OBJECTS) -lcppunit -o $@

$(TEST_COVER_BUILD)/unit: $(TEST_COVER_OBJECTS) $(TEST_COVER_BUILD)/units
	@echo '  link     $@'
	@$(CXX) $(TEST_COVER_FLAGS) $(TEST_COVER_OBJECTS) -lcppunit -o $@

# Its instructions are counted: as users compile it.
$(TEST_BUILD)/counts: tests/instructions/counts.cpp $(HEADER) $(TEST_BUILD)/flags
	@echo '  compile  $<'
	@$(CXX) $(TEST_WARN) -O2 -DNDEBUG $< -o $@

$(TEST_BUILD)/examples/%: $(TEST_BUILD)/impl/examples/%.o
	@mkdir -p $(@D)
	@$(CXX) $(TEST_FLAGS) $< -o $@

# Another compiler or other flags make another program.
$(TEST_BUILD)/%.o: %.cpp $(TEST_BUILD)/flags
	@echo '  compile  $<'
	@mkdir -p $(@D)
	@$(CXX) $(TEST_FLAGS) -MMD -MP -c $< -o $@

$(TEST_RACE_BUILD)/%.o: %.cpp $(TEST_RACE_BUILD)/flags
	@echo '  compile  $< (thread sanitizer)'
	@mkdir -p $(@D)
	@$(CLANGXX) $(TEST_RACE_FLAGS) -MMD -MP -c $< -o $@

$(TEST_COVER_BUILD)/%.o: %.cpp $(TEST_COVER_BUILD)/flags
	@echo '  compile  $< (coverage)'
	@mkdir -p $(@D)
	@rm -f $(@:.o=.gcda)
	@$(CXX) $(TEST_COVER_FLAGS) -MMD -MP -c $< -o $@

$(TEST_BUILD)/flags: TEST_COMMAND = $(CXX) $(TEST_FLAGS)
$(TEST_RACE_BUILD)/flags: TEST_COMMAND = $(CLANGXX) $(TEST_RACE_FLAGS)
$(TEST_COVER_BUILD)/flags: TEST_COMMAND = $(CXX) $(TEST_COVER_FLAGS)
%/units: TEST_COMMAND = $(TEST_UNITS)
TEST_LOOKED_AT := $(foreach folder,$(TEST_BUILD) $(TEST_RACE_BUILD) $(TEST_COVER_BUILD),$(folder)/flags $(folder)/units)
.PHONY: test-flags-are-looked-at
$(TEST_LOOKED_AT): test-flags-are-looked-at
	@mkdir -p $(@D)
	@echo '$(TEST_COMMAND)' | cmp -s - $@ || echo '$(TEST_COMMAND)' > $@

.PRECIOUS: $(TEST_BUILD)/%.o $(TEST_RACE_BUILD)/%.o $(TEST_COVER_BUILD)/%.o
-include $(TEST_OBJECTS:.o=.d) $(TEST_BUILD)/tests/from_spec/replay.d $(TEST_RACE_OBJECTS:.o=.d) $(TEST_COVER_OBJECTS:.o=.d)
-include $(TEST_EXAMPLES:$(TEST_BUILD)/examples/%=$(TEST_BUILD)/impl/examples/%.d)

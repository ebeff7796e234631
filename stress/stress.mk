# Included by the Makefile, which sets BUILD, CXX, CLANGXX and JOBS.
#   make stress                 every recipe under ThreadSanitizer, two minutes in all
#   make stress DURATION=10m    as long as it is given (s, m, h)
#   make stress SEED=42         from this seed; it is printed otherwise
#   make stress SAN=address,undefined, or SAN=none: optimised, under no sanitizer
#   make stress RECIPE=name     one of them; with ROUND=n that round over and over
#   make stress-all             under all three, and the soak that watches memory
#   make stress-shown           plants bugs, one after the other: each has to be found; PLANT=STEP=relaxed one of them

DURATION ?= 2m
STRESS_SAN := $(if $(SAN),$(SAN),thread)
STRESS_COMMA := ,
# Another header can be put to the test: one with a bug in it, say.
STRESS_INCLUDE ?= impl/include
STRESS_SOURCES := stress/shaken.cpp stress/shipped.cpp stress/stress.cpp stress/oracle.cpp stress/history.cpp stress/round_watchdog.cpp
STRESS_WARN  := -std=c++23 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I$(STRESS_INCLUDE) -Iverify -pthread
STRESS_FLAGS_thread := -O1 -g1 -fsanitize=thread -DFERRY_TEST_SANITIZED -DFERRY_STRESS_RACES
STRESS_FLAGS_address-undefined := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
                                  -DFERRY_TEST_SANITIZED
# -rdynamic, so that the watchdog's stacks have names.
STRESS_FLAGS_none := -O2 -g1 -rdynamic
# Clang's sanitizers; and g++ without any, as users have it.
STRESS_COMPILER_thread := $(CLANGXX)
STRESS_COMPILER_address-undefined := $(CLANGXX)
STRESS_COMPILER_none := $(CXX)

.PHONY: stress stress-all stress-shown stress-programs
STRESS_RUN = python3 -m ferry_tools.stress --build '$(BUILD)/stress' --duration '$(DURATION)' $(if $(SEED),--seed '$(SEED)') \
    $(if $(RECIPE),--recipe '$(RECIPE)') $(if $(ROUND),--round '$(ROUND)')
STRESS_MAKE = $(MAKE) -f $(firstword $(MAKEFILE_LIST)) --no-print-directory -j$(JOBS) stress-programs

stress: setup
	@$(STRESS_MAKE) STRESS_SANS='$(STRESS_SAN)' || { echo '$@: it does not compile' >&2; echo '$@: 0 passed, 1 failed'; exit 1; }
	@$(STRESS_RUN) --san '$(STRESS_SAN)'

stress-all: setup
	@$(STRESS_MAKE) STRESS_SANS='thread address,undefined none' STRESS_SOAK=yes || \
	    { echo '$@: it does not compile' >&2; echo '$@: 0 passed, 1 failed'; exit 1; }
	@$(STRESS_RUN) --san thread --san address,undefined --san none --soak

stress-shown: setup
	@$(STRESS_MAKE) STRESS_SANS='thread address,undefined none' || \
	    { echo '$@: it does not compile' >&2; echo '$@: 0 passed, 1 failed'; exit 1; }
	@python3 -m ferry_tools.stress_plants --build '$(BUILD)/stress' $(if $(PLANT),--plant '$(PLANT)')

stress-programs: $(foreach san,$(STRESS_SANS),$(BUILD)/stress/$(subst $(STRESS_COMMA),-,$(san))/rounds) \
                 $(if $(STRESS_SOAK),$(BUILD)/stress/none/soak)

# $(1): the sanitizers, as a directory's name.
define stress_rules
$(BUILD)/stress/$(1)/rounds: $(STRESS_SOURCES:%.cpp=$(BUILD)/stress/$(1)/%.o)
	@echo '  link     $$@'
	@$(STRESS_COMPILER_$(1)) $(STRESS_WARN) $(STRESS_FLAGS_$(1)) $$^ -o $$@
$(BUILD)/stress/$(1)/soak: $(BUILD)/stress/$(1)/stress/soak.o
	@echo '  link     $$@'
	@$(STRESS_COMPILER_$(1)) $(STRESS_WARN) $(STRESS_FLAGS_$(1)) $$^ -o $$@
$(BUILD)/stress/$(1)/%.o: %.cpp $(BUILD)/stress/$(1)/flags
	@echo '  compile  $$< ($(1))'
	@mkdir -p $$(@D)
	@$(STRESS_COMPILER_$(1)) $(STRESS_WARN) $(STRESS_FLAGS_$(1)) -MMD -MP -c $$< -o $$@
$(BUILD)/stress/$(1)/flags: STRESS_COMMAND = $(STRESS_COMPILER_$(1)) $(STRESS_WARN) $(STRESS_FLAGS_$(1))
-include $(STRESS_SOURCES:%.cpp=$(BUILD)/stress/$(1)/%.d) $(BUILD)/stress/$(1)/stress/soak.d
.PRECIOUS: $(BUILD)/stress/$(1)/%.o
endef
$(foreach san,thread address-undefined none,$(eval $(call stress_rules,$(san))))

# Another compiler or other flags make another program.
.PHONY: stress-flags-are-looked-at
$(BUILD)/stress/%/flags: stress-flags-are-looked-at
	@mkdir -p $(@D)
	@echo '$(STRESS_COMMAND)' | cmp -s - $@ || echo '$(STRESS_COMMAND)' > $@

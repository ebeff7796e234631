# Included by the Makefile, which sets BUILD, CLANGXX, HEADER, JOBS and TLC_JAR.

# Relacy's operators new and delete are a pair without sizes.
VERIFY_FLAGS     := -std=c++23 -O2 -Wall -Wextra -fno-sized-deallocation -Iimpl/include -Iverify/relacy

# The scenarios are read first: a wrong name or file is to be told at once, and each size of block has its explorer.
verify verify-deep: setup
	$(if $(SHARD),@python3 -m ferry_tools.shards '$(SHARD)' >/dev/null)
ifndef MODEL
	@explorers=$(if $(TRACE),,$$(python3 -m ferry_tools.scenario_choice $(if $(SCENARIO),'$(SCENARIO)'))) || exit; \
	$(MAKE) --no-print-directory -j$(JOBS) $(if $(TRACE),,$$(printf '$(BUILD)/verify/%s ' $$explorers)) $(BUILD)/verify/record $(if $(TRACE)$(SCENARIO)$(SHARD),,$(BUILD)/verify/parker) || \
	    { echo '$@: the explorer or the recorder does not compile' >&2; echo '$@: 0 passed, 1 failed'; exit 1; }
endif
	@python3 -m ferry_tools.verify --jar '$(TLC_JAR)' --build '$(BUILD)' $(if $(SCENARIO),--scenario '$(SCENARIO)') \
	    $(if $(MODEL),--model '$(MODEL)') $(if $(filter verify-deep,$@),--deep) $(if $(SHARD),--shard '$(SHARD)') \
	    $(if $(SEED),--seed '$(SEED)') $(if $(TRACE),--trace '$(TRACE)')

# Whether the reports of parts add up to the whole: REPORTS="FILE FILE"; without, all in $(BUILD)/verify/shards/.
.PHONY: verify-deep-report
verify-deep-report:
	@python3 -m ferry_tools.shard_reports --build '$(BUILD)' $(if $(SHARD),--shard '$(SHARD)') $(REPORTS)

# A deep model under TLC's server and WORKERS of its workers; MODEL=name, deep or not.
.PHONY: verify-deep-distributed
verify-deep-distributed: setup
	@python3 -m ferry_tools.distributed --jar '$(TLC_JAR)' --build '$(BUILD)' $(if $(MODEL),--model '$(MODEL)') \
	    $(if $(WORKERS),--workers '$(WORKERS)')

prove: setup
	@python3 -m ferry_tools.prove --jar '$(TLC_JAR)' --build '$(BUILD)' $(if $(MODULE),--module '$(MODULE)') \
	    $(if $(ACTION),--action '$(ACTION)') $(if $(LEMMA),--lemma '$(LEMMA)')

EXPLORER         := $(addprefix $(BUILD)/verify/,explore.o options.o)
$(BUILD)/verify/explore-ring: EXPLORED := -DBOUNDED -DBLOCK_SLOTS=1 -DFIRST_BLOCK_SLOTS=1
$(BUILD)/verify/explore-%: verify/relacy/execution.cpp $(EXPLORER) $(wildcard verify/*.hpp verify/relacy/*.hpp) $(HEADER) verify/verify.mk
	@echo '  compile  $@'
	@$(CLANGXX) $(VERIFY_FLAGS) $(or $(EXPLORED),-DBLOCK_SLOTS=$(word 1,$(subst -, ,$*)) -DFIRST_BLOCK_SLOTS=$(word 2,$(subst -, ,$*))) $< $(EXPLORER) -o $@

$(BUILD)/verify/explore.o: verify/relacy/explore.cpp $(wildcard verify/*.hpp verify/relacy/*.hpp) $(HEADER) verify/verify.mk
	@mkdir -p $(@D)
	@echo '  compile  $@'
	@$(CLANGXX) $(VERIFY_FLAGS) -c $< -o $@

# Not optimized: what is in it is called a few times.
$(BUILD)/verify/options.o: verify/relacy/options.cpp verify/relacy/options.hpp verify/verify.mk
	@mkdir -p $(@D)
	@echo '  compile  $@'
	@$(CLANGXX) -std=c++23 -O0 -Wall -Wextra -c $< -o $@

$(BUILD)/verify/parker: verify/relacy/parker.cpp verify/relacy/relacy.hpp $(HEADER) verify/verify.mk
	@mkdir -p $(@D)
	@echo '  compile  $@'
	@$(CLANGXX) $(VERIFY_FLAGS) $< -o $@

# What records and judges millions of events is optimized; what reads and writes JSON would take long to compile if it were.
RECORD_FLAGS     := -std=c++23 -Wall -Wextra -Iimpl/include
$(BUILD)/verify/trace/recording.o $(BUILD)/verify/trace/judge.o: RECORD_FLAGS += -O2

$(BUILD)/verify/record: $(patsubst %,$(BUILD)/verify/trace/%.o,record recording judge)
	@$(CLANGXX) $^ -o $@

$(BUILD)/verify/trace/%.o: verify/trace/%.cpp $(wildcard verify/*.hpp verify/trace/*.hpp verify/platforms/*.hpp) $(HEADER) verify/verify.mk
	@mkdir -p $(@D)
	@echo '  compile  $@'
	@$(CLANGXX) $(RECORD_FLAGS) -c $< -o $@

# The header, one change at a time: MUTANT=name one mutant (or a pattern), MUTANTS=1/10 a tenth by date, MUTANTS=table
# each layer alone. What needs no other header than the right one is explored by the explorers of `make verify`.
.PHONY: mutants
mutants: setup
	@explorers=$$(python3 -m ferry_tools.scenario_choice) || exit; \
	$(MAKE) --no-print-directory -j$(JOBS) $$(printf '$(BUILD)/verify/%s ' $$explorers) || \
	    { echo 'mutants: the explorer does not compile' >&2; echo 'mutants: 0 passed, 1 failed'; exit 1; }
	@python3 -m ferry_tools.mutants --jar '$(TLC_JAR)' --build '$(BUILD)' --clangxx '$(CLANGXX)' --jobs '$(JOBS)' \
	    $(if $(MUTANT),--mutant '$(MUTANT)') $(if $(MUTANTS),--mutants '$(MUTANTS)')

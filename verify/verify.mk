# Included by the Makefile, which sets BUILD, CLANGXX, HEADER, JOBS and TLC_JAR.

# Relacy's operators new and delete are a pair without sizes.
VERIFY_FLAGS     := -std=c++23 -O2 -Wall -Wextra -fno-sized-deallocation -Iimpl/include -Iverify/relacy

# The scenarios are read first: a wrong name or file is to be told at once, and each size of block has its explorer.
verify verify-deep: setup
ifndef MODEL
	@blocks=$(if $(TRACE),,$$(python3 -m ferry_tools.scenario_choice $(if $(SCENARIO),'$(SCENARIO)'))) || exit; \
	$(MAKE) --no-print-directory -j$(JOBS) $(if $(TRACE),,$$(printf '$(BUILD)/verify/explore-%s ' $$blocks)) $(BUILD)/verify/record || \
	    { echo 'verify: the explorer or the recorder does not compile' >&2; echo 'verify: 0 passed, 1 failed'; exit 1; }
endif
	@python3 -m ferry_tools.verify --jar '$(TLC_JAR)' --build '$(BUILD)' $(if $(SCENARIO),--scenario '$(SCENARIO)') \
	    $(if $(MODEL),--model '$(MODEL)') $(if $(filter verify-deep,$@),--deep) $(if $(SEED),--seed '$(SEED)') \
	    $(if $(TRACE),--trace '$(TRACE)')

prove: setup
	@python3 -m ferry_tools.prove --jar '$(TLC_JAR)' --build '$(BUILD)' $(if $(MODULE),--module '$(MODULE)') \
	    $(if $(ACTION),--action '$(ACTION)') $(if $(LEMMA),--lemma '$(LEMMA)')

$(BUILD)/verify/explore-%: verify/relacy/explore.cpp $(wildcard verify/*.hpp verify/relacy/*.hpp) $(HEADER) verify/verify.mk
	@mkdir -p $(@D)
	@echo '  compile  $@'
	@$(CLANGXX) $(VERIFY_FLAGS) -DBLOCK_SLOTS=$(word 1,$(subst -, ,$*)) -DFIRST_BLOCK_SLOTS=$(word 2,$(subst -, ,$*)) $< -o $@

# What records and judges millions of events is optimized; what reads and writes JSON would take long to compile if it were.
RECORD_FLAGS     := -std=c++23 -Wall -Wextra -Iimpl/include
$(BUILD)/verify/trace/recording.o $(BUILD)/verify/trace/judge.o: RECORD_FLAGS += -O2

$(BUILD)/verify/record: $(patsubst %,$(BUILD)/verify/trace/%.o,record recording judge)
	@$(CLANGXX) $^ -o $@

$(BUILD)/verify/trace/%.o: verify/trace/%.cpp $(wildcard verify/*.hpp verify/trace/*.hpp verify/platforms/*.hpp) $(HEADER) verify/verify.mk
	@mkdir -p $(@D)
	@echo '  compile  $@'
	@$(CLANGXX) $(RECORD_FLAGS) -c $< -o $@

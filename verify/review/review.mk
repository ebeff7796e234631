# Included by the Makefile, which sets BUILD, SETUP and TLC_JAR.
#   make review                 writes the page, from what is in the repository and from the last `make verify`
#   make review-tested          the same, of a run that has failed, too, and tries both in Chromium

REVIEW_PACKAGES := python3-jinja2 python3-pygments graphviz:dot
BROWSER_PACKAGES := chromium:chromium chromium-driver:chromedriver python3-selenium
# The Python that Debian's packages are installed for.
REVIEW_PYTHON ?= /usr/bin/python3
REVIEW_SETUP = verify/setup.sh '$(SETUP)' '$(TLC_JAR)' '$(TLC)' '$(TLC_SHA)'

.PHONY: review review-tested
review: setup
	@$(REVIEW_SETUP) $(REVIEW_PACKAGES)
	@$(REVIEW_PYTHON) -m ferry_tools.review --jar '$(TLC_JAR)' --build '$(BUILD)'

review-tested: setup
	@$(REVIEW_SETUP) $(REVIEW_PACKAGES) $(BROWSER_PACKAGES)
	@$(MAKE) --no-print-directory $(BUILD)/verify/explore-1-1 || { echo 'review-tested: 0 passed, 1 failed'; exit 1; }
	@$(REVIEW_PYTHON) -m ferry_tools.review_browser --jar '$(TLC_JAR)' --build '$(BUILD)'

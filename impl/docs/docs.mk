# Included by the Makefile, which sets BUILD.
#   make docs                   the reference of the public calls, from the headers' comments: build/docs/html/index.html

.PHONY: docs
docs: setup
	@python3 -m ferry_tools.api_reference --build '$(BUILD)'

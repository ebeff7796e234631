# Included by the Makefile, which sets BUILD.
#   make install PREFIX=/usr/local DESTDIR=    the headers, for find_package(ferry) and pkg-config
#   make uninstall                             removes what the last `make install` of this checkout wrote
#   make amalgamated                           one header, for those who copy: build/amalgamated/ferry.hpp

PREFIX  ?= /usr/local
DESTDIR ?=
INSTALL_BUILD := $(BUILD)/install

.PHONY: install uninstall amalgamated
install:
	@command -v cmake >/dev/null || { echo 'install: cmake is not there (Debian package cmake)' >&2; exit 1; }
	@cmake -S impl -B $(INSTALL_BUILD) -DCMAKE_INSTALL_PREFIX='$(PREFIX)' -DCMAKE_MESSAGE_LOG_LEVEL=WARNING >/dev/null
	@DESTDIR='$(DESTDIR)' cmake --install $(INSTALL_BUILD)
	@sed 's|^|$(DESTDIR)|' $(INSTALL_BUILD)/install_manifest.txt > $(INSTALL_BUILD)/installed

uninstall:
	@test -f $(INSTALL_BUILD)/installed || { echo 'uninstall: this checkout has installed nothing' >&2; exit 1; }
	@while read -r file || [ -n "$$file" ]; do rm -f "$$file" && echo "-- Removed: $$file"; \
	    rmdir -p --ignore-fail-on-non-empty "$$(dirname "$$file")" 2>/dev/null || true; done < $(INSTALL_BUILD)/installed
	@rm $(INSTALL_BUILD)/installed

amalgamated:
	@python3 -m ferry_tools.amalgamate $(BUILD)/amalgamated/ferry.hpp

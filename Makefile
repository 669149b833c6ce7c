# A person's entry points. The build itself is CMake's (CMakeLists.txt, cmake/).
#
#   make                 build everything into build/ (toolchain included; from nothing about 45 minutes on 2 cores, half of it DuckDB)
#   make test            build, then all tests
#   make debug           a second folder, build-debug/: python.wasm folded only, C++ with debug information
#   make sanitize        a third, build-sanitize/: our C++ with AddressSanitizer and UBSan, and its unit tests
#   make verify          build, then compare every artifact with toolchain/manifests/ (make manifest renews that)
#   make audit           what a contributor may have left out of step; UPDATE=1 writes generated documents anew
#   make sizes           compose the stock plans: docs/sizes.md
#   make drift           pins and facades against the newest of their registries (network)
#   make bench           measure against native CPython and other sandboxes
#   make test-cpython    CPython's own test suite, every file in a sandbox of its own
#   make install PREFIX=/usr/local
#   make toolchain       the toolchain alone, with libc++ (exceptions) for components in C++
#   make format  make notices  make check  make clean
#
# Settings: PROFILE=default  JOBS=2  BUILD=build  PYLON_CACHE=~/.cache/pylon  WASI_SDK_PATH=... (instead of Debian's clang)

BUILD ?= build
PROFILE ?= default
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
export JOBS
CMAKE_FLAGS ?=
CONFIGURE = cmake -G Ninja -S . -DPYLON_PROFILE=$(PROFILE) $(CMAKE_FLAGS)

.PHONY: all build check toolchain test debug sanitize format verify manifest audit drift sizes bench test-cpython install notices clean
all: build

# name:program:package, one word each
PREREQUISITES = g++:g++ cmake:cmake ninja:ninja-build cargo:cargo rustc:rustc python3:python3 pip:python3-pip zstd:zstd xz:xz-utils apt-get:apt dpkg-deb:dpkg git:git

check:
	@missing=; for pair in $(PREREQUISITES); do \
	  program=$${pair%%:*}; \
	  if [ $$program = pip ]; then python3 -m pip --version >/dev/null 2>&1 || missing="$$missing $${pair##*:}"; \
	  else command -v $$program >/dev/null || missing="$$missing $${pair##*:}"; fi; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "error: programs are missing that the build needs" >&2; \
	  echo "  next: apt-get install$$missing" >&2; \
	  case "$$missing" in *cargo*|*rustc*) echo "        (Rust must be 1.95 or newer: if your distribution's is older, install it with rustup)" >&2;; esac; \
	  exit 1; \
	fi
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: python3 is older than 3.11" >&2; exit 1; }

toolchain: check
	toolchain/install --profile $(PROFILE) --cxx

build: check
	$(CONFIGURE) -B $(BUILD)
	ninja -C $(BUILD) -j$(JOBS)

test: build
	ctest --test-dir $(BUILD) --output-on-failure -j$(JOBS)

debug: check
	$(CONFIGURE) -B build-debug -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPYLON_OPTIMIZE=OFF
	ninja -C build-debug -j$(JOBS)

sanitize: check
	$(CONFIGURE) -B build-sanitize -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPYLON_SANITIZE=ON -DPYLON_OPTIMIZE=OFF
	ninja -C build-sanitize -j$(JOBS) unit-tests test-components extended-python
	ctest --test-dir build-sanitize --output-on-failure -j$(JOBS) -L 'unit|fuzz'

format: check
	cmake -DCMAKE_SOURCE_DIR=$(CURDIR) -DFORMATTER="$$(toolchain/install --print PYLON_CLANG_FORMAT)" -P cmake/format.cmake

verify: build
	$(BUILD)/bin/composectl manifest verify
	$(BUILD)/bin/composectl manifest diff toolchain/manifests/$(PROFILE).toml $(BUILD)/lib/pylon/caps-manifest.toml

manifest: build
	cp $(BUILD)/lib/pylon/caps-manifest.toml toolchain/manifests/$(PROFILE).toml

audit: build
	python3 -B tests/audits/run --build $(BUILD) $(if $(UPDATE),--update)

sizes: build
	bench/sizes --build $(BUILD)

drift: build
	toolchain/drift --build $(BUILD)

bench: build
	PYLON=$(CURDIR)/$(BUILD)/bin/pylon python3 bench/run

test-cpython: build
	PYLON=$(CURDIR)/$(BUILD)/bin/pylon python3 tests/cpython/run

# Takes what `make` built as it is, so that it can run as another user.
install:
	@test -e $(BUILD)/lib/pylon/manifest.json || { echo "error: nothing is built in $(BUILD)/" >&2; echo "  next: run make first" >&2; exit 1; }
	cmake --install $(BUILD) --prefix $(PREFIX)

notices: check
	$(CONFIGURE) -B $(BUILD)
	ninja -C $(BUILD) -j$(JOBS) notices
	@echo $(BUILD)/THIRD-PARTY-NOTICES.txt

# The cache stays (PYLON_CACHE); it belongs to all of your checkouts.
clean:
	rm -rf build build-debug build-sanitize

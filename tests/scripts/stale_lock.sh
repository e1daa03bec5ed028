# A run that was killed while it wrote a ref leaves git's lock file: the next run is not stopped by it.
. "$SRC/tests/lib.sh"
example
mkdir -p .git/refs/truce/series
: >.git/refs/truce/series/acme.lock
status 0 mediate
[ ! -e .git/refs/truce/series/acme.lock ] || fail "the lock is still there"
git rev-parse -q --verify refs/truce/series/acme >/dev/null || fail "no ref"
: >.git/refs/truce/series/acme.lock
status 0 "$TRUCE" series remove acme
! git rev-parse -q --verify refs/truce/series/acme >/dev/null || fail "the ref is still there"

# A database of a newer truce is left alone.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null 2>&1
sqlite3 .git/truce/truce.db 'PRAGMA user_version = 9999' >/dev/null
sum=$(sqlite3 .git/truce/truce.db .dump | cksum)
status 2 "$TRUCE" findings
hints
says newer
status 2 "$TRUCE" series add more "$SRC/examples/two-vendors/acme.mbox"
[ "$sum" = "$(sqlite3 .git/truce/truce.db .dump | cksum)" ] || fail "the database changed"

# A first run that fails leaves nothing behind; numbers stay numbers in `sql --json`.
. "$SRC/tests/lib.sh"
example
status 2 "$TRUCE" mediate --base v2.6.16-example --series acme=mbox:../nowhere.mbox
[ ! -e .git/truce ] || fail "there is: $(find .git/truce)"
status 2 "$TRUCE" --db ../other.db mediate --base v2.6.16-example --series acme=mbox:../nowhere.mbox
[ ! -e ../other.db ] || fail "the named database is there"
mediate >/dev/null
status 2 "$TRUCE" mediate --base v2.6.16-example --series acme=mbox:../nowhere.mbox
[ -e .git/truce/truce.db ] || fail "a database with series is gone"
"$TRUCE" sql --json "SELECT name, patches, 0.25 AS part, NULL AS none, '7' AS text FROM series
	WHERE name = 'acme'" >../rows
tr -d ' \n' <../rows | grep -qF '[{"name":"acme","patches":6,"part":0.25,"none":null,"text":"7"}]' ||
	fail "$(cat ../rows)"

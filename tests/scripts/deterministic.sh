# The same bytes out: for 1 and 2 jobs, for a second run, and from another place.
. "$SRC/tests/lib.sh"
mkdir one two
(cd one && example && mediate --jobs 1 >/dev/null 2>&1 && json >../../1.json &&
	mediate --jobs 1 >/dev/null 2>&1 && json >../../again.json)
(cd two && example && mediate --jobs 2 >/dev/null 2>&1 && json >../../2.json)
cmp 1.json 2.json || fail "two jobs say something else than one"
cmp 1.json again.json || fail "a second run says something else"
[ -s 1.json ] || fail "no report"

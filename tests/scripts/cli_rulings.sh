# Rulings: several at once, what no interface can hold, no dead end, and a plan whose trees are kept.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null

id_of() {
	"$TRUCE" sql "SELECT id FROM findings WHERE kind = '$1' AND title LIKE '$2' LIMIT 1" | tail -n 1
}
kconfig=$(id_of text.conflict 'arch/i386/Kconfig%')
makefile=$(id_of text.conflict 'arch/i386/Makefile%')
header=$(id_of text.conflict 'include/asm-i386/processor.h%')

# Configuration and makefiles have no code that an operation could hold: refused, nothing is ruled.
refused "$TRUCE" decide "$header" "$kconfig" --interface
says "has no code that an operation of the interface could hold"
says "give --take NAME, --both or --dismiss"
[ "$("$TRUCE" sql 'SELECT count(*) FROM decisions' | tail -n 1)" = 0 ] || fail "a ruling was kept"
refused "$TRUCE" decide "$makefile" --interface

# Code is to be written anew: the step says what, and what falls with it.
status 0 "$TRUCE" decide "$header" --interface
"$TRUCE" plan --verbose >../plan
grep -q 'write include/asm-i386/processor.h anew behind the interface' ../plan || fail "no such step"
grep -q 'What is left to do by hand' ../plan || fail "nothing is said to be left to do"
grep -q 'processor.h: .*(to be written anew)' ../plan || fail "the old lines are not accounted for"

# Whatever is ruled, each open decision has a finding to rule on, until none is left.
dead_ends() {
	"$TRUCE" sql "SELECT u.n FROM undecided u WHERE NOT EXISTS (SELECT 1 FROM findings f
		WHERE instr(' ' || u.findings || ' ', ' ' || f.id || ' ') AND f.state = 'open')" |
		tail -n +2
}
side=acme
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	next=$("$TRUCE" sql 'SELECT findings FROM undecided ORDER BY n LIMIT 1' | tail -n +2)
	[ -n "$next" ] || break
	# shellcheck disable=SC2086 # several ids
	status 0 "$TRUCE" decide $next --take $side
	[ -z "$(dead_ends)" ] || fail "round $round: an open decision has nothing to rule on"
	[ $side = acme ] && side=globex || side=acme
done
[ -z "$next" ] || fail "decisions are still open after $round rounds"
[ "$("$TRUCE" sql "SELECT count(*) FROM hunks h LEFT JOIN plan_hunks p ON p.series = h.series
	AND p.path = h.path AND p.hunk = h.n WHERE p.hunk IS NULL" | tail -n 1)" = 0 ] ||
	fail "hunks are lost"

# Many at once: one plan, and its last tree is the one that git keeps.
# shellcheck disable=SC2046
status 0 "$TRUCE" decide $("$TRUCE" findings --oneline -k point.contested | cut -f1 | cut -d' ' -f1) --interface
kept=$(git rev-parse 'refs/truce/plan^{tree}')
last=$("$TRUCE" sql 'SELECT tree FROM steps ORDER BY n DESC LIMIT 1' | tail -n 1)
[ "$kept" = "$last" ] || fail "refs/truce/plan holds $kept, the plan ends in $last"

# A row of rulings that fails leaves plan and ref as they were.
status 2 "$TRUCE" decide irq.halt "$kconfig" --interface
[ "$(git rev-parse 'refs/truce/plan^{tree}')" = "$kept" ] || fail "the ref moved"

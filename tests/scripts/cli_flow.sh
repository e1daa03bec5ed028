# Every command on a small repository with two branches that conflict: what it says, where, and how
# it exits.
top=$PWD
out=$top/out
err=$top/err
fail() {
	echo "$*"
	[ -f "$err" ] && sed 's/^/stderr: /' "$err"
	exit 1
}
# run STATUS COMMAND...: standard output in $out, standard error in $err.
run() {
	want=$1
	shift
	rc=0
	"$@" >"$out" 2>"$err" || rc=$?
	[ $rc = "$want" ] || fail "$*: exit $rc, not $want"
}
has() {
	grep -qF -- "$1" "${2-$out}" || fail "no '$1' in ${2-$out}: $(cat "${2-$out}")"
}

git init -q -b base repo
cd repo
git config user.name Tester
git config user.email tester@example.org
mkdir kernel
printf '%s\n' '#include "lib.h"' 'int tick(int n)' '{' '	return n + 1;' '}' '' 'int tock(int n)' '{' \
	'	return n - 1;' '}' >kernel/clock.c
printf 'int tick(int n);\nint tock(int n);\n' >kernel/lib.h
git add -A
git commit -q -m base
git tag v0
git checkout -q -b one
sed -i 's/n + 1/n + 10/' kernel/clock.c
git commit -q -am 'clock: tick by ten'
git checkout -q -b two v0
sed -i 's/n + 1/n + 2/' kernel/clock.c
printf 'int both;\n' >kernel/two.c
git add -A
git commit -q -m 'clock: tick by two'
git checkout -q base

# Before anything is there: an error with the way to begin, and no database made by looking.
run 2 "$TRUCE" findings
has 'truce mediate' "$err"
[ ! -e .git/truce ] || fail "looking made a database"

run 0 "$TRUCE" mediate --base v0 --series one=v0..one --series two=v0..two --report ../report.md
has '2 series on v0'
has 'report.md'
has '# Mediation of one and two on v0' ../report.md
has 'text.conflict' ../report.md
[ ! -s "$err" ] || fail "mediate says on standard error: $(cat "$err")"
[ -z "$(git status --porcelain)" ] || fail "mediate touched the work tree"

run 0 "$TRUCE" findings --kind text.conflict --oneline
[ "$(wc -l <"$out")" = 1 ] || fail "findings: $(cat "$out")"
has 'kernel/clock.c'
id=$(cut -f1 "$out")
[ "$(cut -f2-4 "$out")" = "error	text.conflict	open" ] || fail "oneline: $(cat "$out")"
run 1 "$TRUCE" findings --exit-code --threshold error
run 0 "$TRUCE" findings --kind series --exit-code
run 0 "$TRUCE" findings --path kernel --kind text
has "$id"
run 0 "$TRUCE" findings --path drivers
has '0 of'
run 2 "$TRUCE" findings --kind txt.conflict
has "did you mean 'text.conflict'" "$err"

# What comes next can be typed where the database is another one.
run 0 "$TRUCE" -C . --db '../another place.db' mediate --base v0 --series one=v0..one --series two=v0..two
next=$(grep -oE "truce -C \. --db '../another place.db' show [0-9a-f]+" "$out") || fail "next: $(cat "$out")"
has "truce -C . --db '../another place.db' decide $id"
run 0 sh -c "$(echo "$next" | sed "s|^truce|'$TRUCE'|")"
has text.conflict

run 0 "$TRUCE" --db ../another.db series add one v0..one --base v0
has 'truce: one: 1 patch, 1 file, +1 -1' "$err"

# Both sides' lines, with their numbers.
run 0 "$TRUCE" show "$id"
has 'return n + 10;'
has 'return n + 2;'
grep -qE '^> +4 +return n \+ 10;' "$out" || fail "no line number: $(cat "$out")"
run 2 "$TRUCE" show 0000
has 'no finding or point' "$err"

# A ruling, taken back, and one that stays through another analysis.
run 0 "$TRUCE" decide "$id" --take one --note 'ten is rounder'
has 'take one'
run 0 "$TRUCE" findings --decided
has '[take one]'
run 0 "$TRUCE" decide "$id" --undo
run 0 "$TRUCE" findings --decided
has '0 of'
run 2 "$TRUCE" decide "$id" --take three
has "no series 'three'" "$err"
run 0 "$TRUCE" decide "$id" --take one
run 0 "$TRUCE" mediate --base v0 --series one=v0..one --series two=v0..two
run 0 "$TRUCE" show "$id"
has 'decision    take one, by Tester <tester@example.org>'

run 0 "$TRUCE" plan
has 'PLAN'
run 0 "$TRUCE" plan --apply merged
git rev-parse -q --verify merged >/dev/null || fail "no branch 'merged'"
run 2 "$TRUCE" plan --apply merged
run 0 "$TRUCE" plan --apply merged --force

# JSON: valid, and the same bytes again and for another number of jobs.
run 0 "$TRUCE" report --format json -o ../a.json
run 0 "$TRUCE" mediate --jobs 1 --base v0 --series one=v0..one --series two=v0..two --report ../b.json
cmp ../a.json ../b.json || fail "another run gives another report"
/usr/bin/python3 - "$SRC/docs/truce-report-1.schema.json" ../a.json <<'END' || fail "JSON against its schema"
import json, sys, jsonschema
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
END
run 0 "$TRUCE" findings --json
/usr/bin/python3 -c 'import json; assert any(f["id"] == "'"$id"'" for f in json.load(open("'"$out"'")))'
run 0 "$TRUCE" mediate --base v0 --series one=v0..one --series two=v0..two --format json
cmp "$out" ../a.json || fail "--format without --report writes something else"
run 0 "$TRUCE" report
has 'FINDINGS'
run 2 "$TRUCE" report -o /nonexistent/report.md
has 'cannot write' "$err"

run 2 "$TRUCE" mediate --base v0 --series one=v0..one --report /nonexistent/report.md
has 'cannot write' "$err"
run 0 "$TRUCE" series show two

# sql: lines with tabs, JSON, and nothing but reading.
run 0 "$TRUCE" sql "SELECT 'a	b' AS x, NULL AS y"
[ "$(cat "$out")" = "$(printf 'x\ty\na\\tb\t')" ] || fail "sql: $(cat "$out")"
echo 'SELECT 1 AS one' | "$TRUCE" sql --json - | tr -d ' \n' | grep -qF '[{"one":1}]' || fail "sql --json"
run 2 "$TRUCE" sql 'DELETE FROM findings'
run 2 "$TRUCE" sql 'CREATE TABLE x(y)'

# series: list, show, add, update, remove; a mediation of others drops what it does not name.
run 0 "$TRUCE" series list
has one
has two
run 0 "$TRUCE" series show two
has 'clock: tick by two'
run 2 "$TRUCE" series show tow
has "did you mean 'two'" "$err"
run 0 "$TRUCE" series update
has 'one: unchanged' "$err"
run 0 "$TRUCE" series add three v0..two
has 'three: 1 patch, 2 files' "$err"
run 0 "$TRUCE" analyze
has '3 series'
run 0 "$TRUCE" points
run 0 "$TRUCE" series remove three
run 0 "$TRUCE" mediate --series one=v0..one
has '1 series'
has "series 'two' of before" "$err"
run 0 "$TRUCE" findings
run 0 "$TRUCE" plan

# A catalogue that is not there: the error lists those that are, and the one in use stays.
run 2 "$TRUCE" analyze --rules paravrit
has paravirt-i386 "$err"
run 0 "$TRUCE" analyze

# All or nothing: when the second series cannot be read, the first is not stored either.
git for-each-ref refs/truce >../refs.before
"$TRUCE" series list --json >../list.before
run 2 "$TRUCE" mediate --base v0 --series one=v0..two --series four=mbox:nowhere.mbox
has nowhere.mbox "$err"
git for-each-ref refs/truce | diff ../refs.before - || fail "a failed mediate moved refs"
"$TRUCE" series list --json | diff ../list.before - || fail "a failed mediate changed the series"

# Another database, and -C.
cd ..
run 0 "$TRUCE" -C repo --db ../other.db mediate --base v0 --series one=v0..one
[ -e other.db ] || fail "--db is not where it was asked for"
run 0 "$TRUCE" -C repo series list --db ../other.db
has one
! grep -q two "$out" || fail "--db reads another database"

# A reader that goes away is no error.
("$TRUCE" -C repo report --format json || echo "exit $?" >rc) | head -n 1 >/dev/null
[ ! -e rc ] || fail "a closed pipe: $(cat rc)"
# A full disk is.
rc=0
"$TRUCE" -C repo report >/dev/full 2>"$err" || rc=$?
[ $rc = 2 ] || fail "a full disk: exit $rc"
has 'cannot write' "$err"

# SARIF of any command that has findings: `report`, `findings` (those listed alone) and `gate`.
. "$SRC/tests/lib.sh"
python=/usr/bin/python3
"$python" -c '' 2>/dev/null || { echo "no python3: skipped"; exit 77; }
sarif() {
	"$python" "$SRC/tests/sarif-check.py" "$@" || fail "no SARIF, or not $2 results: $1"
}
example
status 0 mediate
status 0 "$TRUCE" report --format sarif
sarif ../out "$("$TRUCE" findings --oneline | wc -l)"
listed=$("$TRUCE" findings --kind point --severity warning --oneline | wc -l)
[ "$listed" -gt 0 ] || fail "the example has no findings at points"
status 0 "$TRUCE" findings --kind point --severity warning --format sarif
sarif ../out "$listed"
grep -q '"ruleId": "point\.' ../out || fail "other kinds than those asked for"
status 0 "$TRUCE" findings --format json
cp ../out ../json
status 0 "$TRUCE" findings --json
cmp ../json ../out || fail "--json and --format json differ"
status 2 "$TRUCE" findings --json --format sarif
says 'exclude each other'
cp -R "$SRC/examples/gate/tree/." .
git add -A
git commit -qm 'an interface'
printf '\nvoid clock_quiet(void)\n{\n\tasm volatile("cli");\n}\n' >>drivers/char/clock.c
git commit -qam 'a bare cli in a driver'
status 1 "$TRUCE" gate HEAD~1..HEAD --base HEAD~1 --rules "$SRC/examples/gate/machine-ops.yaml" --format sarif
sarif ../out 1
grep -q '"uri": "drivers/char/clock.c"' ../out || fail "the breach has another place"

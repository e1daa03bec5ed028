# Each operation of the interface has at least two tests of its contract, and none of them is told twice.
machine=$(dirname "$TRUCE")/reference/pv-machine
image=$(dirname "$TRUCE")/reference/pv-image
[ -x "$machine" ] && [ -f "$image" ] || { echo "the reference interface is not built: skipped"; exit 77; }
"$machine" "$image" >all
sed -n 's/^    # Subtest: //p' all >operations
grep -c '^  - id: [a-z]*\.' "$SRC/rules/reference.yaml" >count
[ "$(wc -l <operations)" -ge 60 ] && [ "$(wc -l <operations)" = "$(cat count)" ]
awk '/^    # Subtest: / { name = $3 }
	/^    1\.\./ { planned = substr($1, 4) + 0; told = 0; tests += planned
		if (planned < 2) { print name ": " planned " tests"; bad = 1 } }
	/^    (not )?ok / { told++; line = $0; sub(/^    (not )?ok [0-9]+ /, "", line); sub(/ # SKIP.*/, "", line)
		if (seen[name, line]++) { print name ": twice: " line; bad = 1 } }
	/^(not )?ok / { if (told != planned) { print name ": " told " of " planned; bad = 1 } }
	END { print tests " tests of contracts"; exit bad }' all

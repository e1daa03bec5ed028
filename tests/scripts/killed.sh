# Killed at many moments, truce opens and goes on, and ends with the same report.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null 2>&1
json >../whole.json
rm -rf .git/truce
kills=0
for n in $(seq 1 40); do
	(exec "$TRUCE" mediate --base v2.6.16-example --series "$ACME" --series "$GLOBEX" \
		>/dev/null 2>&1) &
	pid=$!
	# from 10 ms to 400 ms: from opening the database to writing the result
	sleep "$(printf '0.%03d' $((n * 10)))"
	kill -KILL $pid 2>/dev/null && kills=$((kills + 1))
	wait $pid 2>/dev/null || :
	if [ -e .git/truce/truce.db ]; then
		state=$(sqlite3 -cmd '.timeout 20000' .git/truce/truce.db 'PRAGMA integrity_check')
		[ "$state" = ok ] || fail "after kill $n the database is not whole: $state"
	fi
	[ $((n % 8)) != 0 ] || rm -rf .git/truce
done
[ "$kills" -ge 10 ] || fail "only $kills of 40 kills hit"
mediate >/dev/null 2>../err || { cat ../err; find .git/truce; false; } || fail "truce does not go on after being killed"
json >../after.json
cmp ../whole.json ../after.json || fail "another report after kills"
git fsck --no-dangling >/dev/null 2>&1 || fail "git fsck"

# The example, mediated whole: killed at many moments and by two truces at once it comes to the same
# report, and never leaves a database that does not open.
fail() {
	echo "$*"
	exit 1
}
example=$SRC/examples/two-vendors
mediate() {
	"$TRUCE" mediate --base v2.6.16-example --series "acme=mbox:$example/acme.mbox" \
		--series "globex=quilt:$example/globex" --format json --report "$1" >/dev/null
}
sound() {
	# A reader too has to wait for its turn: the one before may be recovering the log.
	state=$(sqlite3 -cmd '.timeout 20000' .git/truce/truce.db 'PRAGMA integrity_check')
	[ "$state" = ok ] || fail "$1: $state"
}
"$SRC/examples/setup" repo >/dev/null
cd repo
mediate ../undisturbed.json
rm -rf .git/truce

# From nothing, killed after 0.02 s, 0.04 s, ...: sooner or later it gets to the end.
n=0
while :; do
	n=$((n + 1))
	[ $n -lt 200 ] || fail "never got to the end"
	# Not timeout(1): with KILL it dies itself too, and its exit does not say that truce is gone.
	(exec "$TRUCE" mediate --base v2.6.16-example --series "acme=mbox:$example/acme.mbox" \
		--series "globex=quilt:$example/globex" --format json --report ../killed.json \
		>/dev/null 2>../killed.err) &
	pid=$!
	sleep "$(printf '%d.%03d' $((n * 20 / 1000)) $((n * 20 % 1000)))"
	kill -KILL $pid 2>/dev/null || :
	rc=0
	wait $pid 2>/dev/null || rc=$?
	case $rc in
	0) break ;;
	137) ;;
	*) fail "after $n kills: exit $rc: $(cat ../killed.err)" ;;
	esac
	[ ! -e .git/truce/truce.db ] || sound "after $n kills"
done
echo "killed $((n - 1)) times"
cmp ../undisturbed.json ../killed.json || fail "another report after $n kills"
[ ! -e .git/truce/truce.db-wal ] || fail "a log is left beside the database"

# Two at once, from nothing.
rm -rf .git/truce
mediate ../first.json &
one=$!
mediate ../second.json &
two=$!
wait $one || fail "the first of two failed"
wait $two || fail "the second of two failed"
sound "two at once"
cmp ../undisturbed.json ../first.json || fail "two at once: another report"
cmp ../undisturbed.json ../second.json || fail "two at once: another report"

# Ctrl-C at any moment: exit 130, and the next run goes on to the same report.
fail() {
	echo "$*"
	exit 1
}
"$SRC/examples/setup" repo
cd repo
mediate() {
	set -- "$@" "$TRUCE" mediate --base v2.6.16-example --format json \
		--series "one=mbox:$SRC/examples/two-vendors/acme.mbox" \
		--series "two=quilt:$SRC/examples/two-vendors/globex"
	"$@"
}
mediate >../whole.json 2>/dev/null
stopped=0
for tenths in 0.02 0.1 0.2 0.4 0.7 1.1 1.6; do
	rm -rf .git/truce
	rc=0
	mediate timeout --foreground --preserve-status -s INT "$tenths" >../part.json 2>../err || rc=$?
	case $rc in
	0) ;;
	130)
		stopped=$((stopped + 1))
		# Before main() has caught the signal, nothing is said either.
		! grep -v -e interrupted -e '^[A-Z][a-z]*: *[0-9]' ../err || fail "after $tenths s: $(cat ../err)"
		;;
	*) fail "interrupted after $tenths s: exit $rc: $(cat ../err)" ;;
	esac
	mediate >../again.json 2>../err || fail "after $tenths s, the next run fails: $(cat ../err)"
	cmp ../whole.json ../again.json || fail "after $tenths s, the next run says something else"
done
[ "$stopped" -gt 0 ] || fail "every run was done before it was interrupted"

# Rulings, interrupted: all of them, or none.
all=$("$TRUCE" findings --oneline | cut -f1)
count=$(echo "$all" | wc -l)
for tenths in 0.05 0.1 0.2 0.3; do
	rc=0
	# shellcheck disable=SC2086 # a list of words on purpose
	timeout --foreground --preserve-status -s INT "$tenths" "$TRUCE" decide $all --both \
		>../out 2>../err || rc=$?
	ruled=$("$TRUCE" findings --decided --oneline | wc -l)
	case $rc:$ruled in
	0:$count) "$TRUCE" decide $all --undo >/dev/null ;;
	130:0) ;;
	*) fail "interrupted after $tenths s: exit $rc and $ruled of $count rulings: $(cat ../err)" ;;
	esac
done

# After one patch of a series changed, only the files that it touches are parsed again.
. "$SRC/tests/lib.sh"
cp -R "$SRC/examples/two-vendors/globex" .
example
"$TRUCE" series add acme "$SRC/examples/two-vendors/acme.mbox" --base v2.6.16-example >/dev/null
"$TRUCE" series add globex ../globex >/dev/null
answers() {
	"$TRUCE" sql 'SELECT path, key FROM cache_facts' | sort
}
# counts: what analyze says of its work, as "PARSED CACHED".
counts() {
	sed -n 's/^truce: parsed \([0-9]*\) files, \([0-9]*\) more from the cache$/\1 \2/p' ../err
}
status 0 "$TRUCE" analyze
set -- $(counts)
[ $# = 2 ] && [ "$1" -gt 20 ] || fail "the first run parses everything: $(cat ../err)"
first=$1
answers >../before

# Nothing changed: nothing is read.
status 0 "$TRUCE" analyze
[ -z "$(counts)" ] || fail "files are read again though nothing changed: $(cat ../err)"

# again PATH: the series changed in this file alone.
again() {
	"$TRUCE" series update 2>/dev/null >/dev/null
	status 0 "$TRUCE" analyze
	set -- "$1" $(counts)
	[ $# = 3 ] || fail "nothing is said of the work: $(cat ../err)"
	[ "$2" -ge 1 ] || fail "$1 changed, nothing was parsed"
	[ "$2" -le 6 ] && [ "$3" -ge "$first" ] || fail "$1 changed: $2 parsed, $3 from the cache"
	answers >../after
	comm -13 ../before ../after | cut -f 1 | sort -u >../parsed
	echo "$1" | diff - ../parsed || fail "not only $1 was parsed again"
	mv ../after ../before
}
sed -i 's/^+.*"NMI received/+\tprintk(KERN_NOTICE "NMI received/' ../globex/fix-a-typo-*.patch
again arch/i386/kernel/traps.c

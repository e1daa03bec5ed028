# The manual pages: one a command, with every option of its --help, and nothing that roff stumbles at.
. "$SRC/tests/lib.sh"
"$SRC/cmake/man-pages" "$TRUCE" man1
for command in $("$TRUCE" help --words | grep -v '^-'); do
	page=man1/truce-$command.1
	[ -s "$page" ] || fail "no page of $command"
	sed 's/\\-/-/g' "$page" >plain
	for word in $("$TRUCE" help --words "$command" | cut -d' ' -f1); do
		grep -qF -- "$word" plain || fail "$page does not say $word"
	done
	grep -q "truce\\\\-$command (1)" man1/truce.1 || fail "truce(1) does not name $command"
	summary=$("$TRUCE" "$command" --help | sed -n 's/^truce [a-z]*: //;1s/ .*//p')
	grep -qF -- "$summary" plain || fail "$page lacks its summary"
done
[ "$(cat man1/git-truce.1)" = '.so man1/truce.1' ] || fail "git-truce(1)"
[ "$("$TRUCE" help --man series)" = "$(cat man1/truce-series.1)" ] || fail "help --man"
overview=man1/truce.1
for word in TRUCE_PAGER NO_COLOR truce.rules color.truce 130 overlay: refs/truce/; do
	grep -qF -- "$word" $overview || fail "truce(1) does not say $word"
done
command -v groff >/dev/null || exit 0
for page in man1/truce*.1; do
	groff -man -ww -Tascii "$page" >text 2>err || fail "$page: $(cat err)"
	[ ! -s err ] || fail "$page: $(cat err)"
done

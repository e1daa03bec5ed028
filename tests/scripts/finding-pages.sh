# Every kind of finding has its page and its line in the index, and no page is about none.
cd "$SRC"
kinds=$(sed -n '/finding_kinds\[\] = {/,/NULL/p' src/model/finding.c | grep -o '"[^"]*"' | tr -d '"')
test -n "$kinds"
for kind in $kinds; do
	page=docs/findings/$kind.md
	test "$(head -n 1 "$page")" = "# $kind" || { echo "$page: no page of $kind"; exit 1; }
	for part in '## Example' '## What to do' 'Severity:'; do
		grep -q -e "$part" "$page" || { echo "$page: no '$part'"; exit 1; }
	done
	grep -qF "[$kind]($kind.md)" docs/findings/README.md || { echo "the index lacks $kind"; exit 1; }
done
for page in docs/findings/*.md; do
	name=$(basename "$page" .md)
	test "$name" = README || printf '%s\n' $kinds | grep -qxF "$name" || {
		echo "$page: no such kind"
		exit 1
	}
done

# Wrong use: exit 2, one error line, a hint; help that fits 80 columns; documentation that is true.
fail() {
	echo "$*"
	exit 1
}
# says WANTED COMMAND...: exits 2, nothing on standard output, the error or a hint has WANTED.
says() {
	wanted=$1
	shift
	rc=0
	"$@" >out 2>err || rc=$?
	[ $rc = 2 ] || fail "$*: exit $rc, not 2: $(cat err)"
	[ ! -s out ] || fail "$*: writes to standard output: $(cat out)"
	head -n 1 err | grep -q '^truce: error: ' || fail "$*: no error line: $(cat err)"
	sed 1d err | grep -qv '^hint: ' && fail "$*: more than error and hints: $(cat err)"
	! grep -E '^hint: ([A-Z][a-z]|.*[a-z]\.$)' err || fail "$*: a hint written as a sentence"
	grep -qF -- "$wanted" err || fail "$*: does not say '$wanted': $(cat err)"
}

says 'did you mean `truce points`?' "$TRUCE" pionts
says 'did you mean `truce series remove`?' "$TRUCE" series remvoe x
says "did you mean '--kind'?" "$TRUCE" findings --knid x
says 'it could be --severity, --series' "$TRUCE" findings --se x
says "did you mean 'error'?" "$TRUCE" findings --severity=eror
says "wants a number from 1, not '0'" "$TRUCE" points --jobs 0
says "wants a number from 1, not '2x'" "$TRUCE" -j2x points
says 'write --jobs N' "$TRUCE" points -j
says 'takes no value' "$TRUCE" points --json=yes
says "unknown option '-x'" "$TRUCE" points -vx
says 'wants an argument' "$TRUCE" show
says 'usage: truce points' "$TRUCE" points everything
says 'see `truce series --help`' "$TRUCE" series
says 'no series to mediate' "$TRUCE" mediate
says 'NAME=SPEC' "$TRUCE" mediate --series nothing
says 'give one of --take' "$TRUCE" decide abcd
says 'one ruling' "$TRUCE" decide abcd --both --dismiss
says "does not know 'docx'" "$TRUCE" report --format docx
says "cannot change to 'nowhere'" "$TRUCE" -C nowhere points

# Alone: the overview, on standard error, exit 2.
rc=0
"$TRUCE" >out 2>err || rc=$?
[ $rc = 2 ] && [ ! -s out ] && grep -q '^Commands' err || fail "truce alone: exit $rc"
[ "$("$TRUCE" --version)" = "truce $(sed -n 's/.*project(truce VERSION \([0-9.]*\).*/\1/p' \
	"$SRC/CMakeLists.txt")" ] || fail "--version"

# Every command has help within 80 columns, outside of a repository, by all three ways.
commands=$("$TRUCE" help --words | grep -v '^-')
[ "$(echo "$commands" | wc -l)" -ge 11 ] || fail "commands: $commands"
for command in $commands; do
	"$TRUCE" "$command" --help >a || fail "$command --help"
	"$TRUCE" help "$command" >b || fail "help $command"
	COLUMNS=300 "$TRUCE" "$command" -h >c || fail "$command -h"
	cmp a b && cmp a c || fail "help of $command differs"
	grep -q '^Usage' a || fail "$command --help has no usage"
	! LC_ALL=C.UTF-8 grep -nE '^.{81,}' a || fail "help of $command is wider than 80 columns"
done
for parent in series interface; do
	for sub in $("$TRUCE" help --words $parent | grep -v '^-'); do
		"$TRUCE" $parent "$sub" --help >a
		grep -q "truce $parent $sub" a || fail "$parent $sub --help"
		! LC_ALL=C.UTF-8 grep -nE '^.{81,}' a || fail "help of $parent $sub is wider than 80"
	done
done
# On a narrow terminal help stands below what it is for; only examples are as they are typed.
COLUMNS=40 "$TRUCE" findings --help | sed '/^Examples/,$d' >a
! LC_ALL=C.UTF-8 grep -nE '^.{41,}' a || fail 'help is wider than 40 columns'
"$TRUCE" help >a
! grep -nE '^.{81,}' a || fail "the overview is wider than 80 columns"
! grep -q "$(printf '\033')" a || fail "colour without a terminal"
"$TRUCE" help --color=always | grep -q "$(printf '\033')" || fail "--color=always gives no colour"

# The page in docs/ is what the tables say: refresh it with `truce help --markdown`.
"$TRUCE" help --markdown | diff "$SRC/docs/commands.md" - ||
	fail "docs/commands.md: refresh it with truce help --markdown > docs/commands.md"

# Outside a repository the error says so.
says 'repository' env GIT_CEILING_DIRECTORIES="$PWD/.." "$TRUCE" points

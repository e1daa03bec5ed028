# What adding a series tells: the base that was found, by its tag; patches whose lines are there.
. "$SRC/tests/lib.sh"
example
status 0 "$TRUCE" series add a "mbox:$SRC/examples/two-vendors/acme.mbox"
says 'the base is'
status 0 "$TRUCE" series show a
grep -q 'base *v2.6.16-example (' ../out || fail "the base found is not called by its tag"
! grep -q 'nothing' ../out || fail "a patch is said to change nothing"
patches=$("$TRUCE" sql "SELECT patches FROM series WHERE name = 'a'" | tail -n 1)
status 0 "$TRUCE" series add a "mbox:$SRC/examples/two-vendors/acme.mbox"
says "$patches patches change nothing, what they do is there already: $((patches + 1)), $((patches + 2))"
[ "$("$TRUCE" sql "SELECT patches FROM series WHERE name = 'a'" | tail -n 1)" = $((2 * patches)) ] ||
	fail "the patches of both are not kept"

# Without a tag there, by its id; a commit that is empty on purpose is none of these.
base=$(git rev-parse v2.6.16-example)
git tag -d v2.6.16-example >/dev/null
git branch work "$base"
git -c user.name=n -c user.email=e commit-tree -p "$base" -m empty "$base^{tree}" >../empty
git -c user.name=n -c user.email=e commit-tree -p "$(cat ../empty)" -m more \
	"$(git rev-parse "$("$TRUCE" sql "SELECT tip FROM series WHERE name = 'a'" | tail -n 1)^{tree}")" \
	>../more
cd ..
git clone -q --no-checkout repo other
cd other
git fetch -q ../repo "$(cat ../more)"
status 0 "$TRUCE" series add b "$base..$(cat ../more)"
! grep "patch changes nothing" ../err || fail "an empty commit is said to change nothing"
status 0 "$TRUCE" series show b
grep -q "base *$base (" ../out || fail "the base without a tag is not called by its id"

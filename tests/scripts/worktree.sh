# A linked worktree uses the repository's one database.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null 2>&1
json >../main.json
git worktree add -q --detach ../linked base
cd ../linked
json >../linked.json
cmp ../main.json ../linked.json || fail "a linked worktree sees something else"
"$TRUCE" analyze >/dev/null
[ ! -e .git/truce ] || fail "a database of its own"

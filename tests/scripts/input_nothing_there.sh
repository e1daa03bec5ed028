# Sources without anything in them, and repositories that cannot be had: each says what to do.
. "$SRC/tests/lib.sh"
example
mkdir ../quilt
echo '# nothing yet' >../quilt/series

refused "$TRUCE" series add a mbox:../nofile.mbox --base v2.6.16-example
says nofile.mbox
hints
refused "$TRUCE" series add a v2.6.16-example --base v2.6.16-example
says 'there are no commits in it'
says "it is the base"
refused "$TRUCE" series add a v2.6.16-example..v2.6.16-example --base v2.6.16-example
says 'the order of the two ends'
refused "$TRUCE" series add a quilt:../quilt --base v2.6.16-example
says 'quilt/series: there is no patch to apply in it'
hints

# GIT_DIR is heard, as `git --git-dir=X truce` sets it
mediate >/dev/null
there=$PWD/.git
cd ..
mkdir elsewhere
cd elsewhere
status 0 env GIT_DIR="$there" "$TRUCE" series list
grep -q acme ../out || fail 'not the repository that GIT_DIR names'
status 2 env GIT_DIR="$there/nowhere" "$TRUCE" series list
says nowhere
hints

git init -q --object-format=sha256 . 2>/dev/null || exit 0 # a git without it
status 2 "$TRUCE" series list
says 'objectformat'
hints

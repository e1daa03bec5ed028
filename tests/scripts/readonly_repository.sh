# A repository that may not be written works with --db elsewhere, and stays as it is.
. "$SRC/tests/lib.sh"
as_other_user
chmod 755 .
cp -R "$SRC/examples/two-vendors/acme.mbox" "$SRC/examples/two-vendors/globex" .
example
ACME=acme=mbox:../acme.mbox
GLOBEX=globex=quilt:../globex
mediate >/dev/null 2>&1
json >../writable.json
cd ..
rm -rf repo
example
mkdir ../elsewhere
chmod 777 ../elsewhere
chmod -R a-w,a+rX .git
find .git | sort >../before
other "$TRUCE" --db ../elsewhere/t.db mediate --base v2.6.16-example --series "$ACME" \
	--series "$GLOBEX" >/dev/null
other "$TRUCE" --db ../elsewhere/t.db report --format json >../elsewhere.json
cmp ../writable.json ../elsewhere.json || fail "another report from a read-only repository"
status 2 other "$TRUCE" --db ../elsewhere/t.db plan --apply merged
says 'no branch can be made in it'
says 'git clone --shared'
find .git | sort >../after
cmp ../before ../after || fail "the repository changed"
chmod -R u+w .git

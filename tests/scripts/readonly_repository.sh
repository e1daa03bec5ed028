# A repository that may not be written works with --db elsewhere, and stays as it is.
. "$SRC/tests/lib.sh"
command -v setpriv >/dev/null || exit 77
example
mediate >/dev/null 2>&1
json >../writable.json
cd ..
rm -rf repo
example
mkdir ../elsewhere
chmod 777 ../elsewhere
chmod 755 ..
chmod -R a-w,a+rX .git
find .git | sort >../before
as_other() {
	if [ "$(id -u)" = 0 ]; then
		GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' \
			HOME=$PWD/../elsewhere setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
if ! as_other test -r "$SRC/examples/two-vendors/acme.mbox" || ! as_other test -x "$TRUCE"; then
	echo "the source tree cannot be read by another user here: skipped"
	exit 77
fi
git config --global --add safe.directory "$PWD"
printf '[safe]\n\tdirectory = *\n' >../elsewhere/.gitconfig
chmod a+r ../elsewhere/.gitconfig
as_other "$TRUCE" --db ../elsewhere/t.db mediate --base v2.6.16-example --series "$ACME" \
	--series "$GLOBEX" >/dev/null
as_other "$TRUCE" --db ../elsewhere/t.db report --format json >../elsewhere.json
cmp ../writable.json ../elsewhere.json || fail "another report from a read-only repository"
find .git | sort >../after
cmp ../before ../after || fail "the repository changed"
chmod -R u+w .git

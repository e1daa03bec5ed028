# A directory that may not be written: said, with what to do; nothing changed.
. "$SRC/tests/lib.sh"
command -v setpriv >/dev/null || exit 77
example
chmod 755 "$(pwd)/.." # so that the other user gets here
as_other() {
	if [ "$(id -u)" = 0 ]; then
		GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' \
			HOME=/nonexistent setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
chmod -R a-w,a+rX .git
git config --global --add safe.directory '*'
status 2 as_other "$TRUCE" mediate --base v2.6.16-example --series "$ACME" --series "$GLOBEX"
hints
says --db
chmod -R u+w .git

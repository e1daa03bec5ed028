# Paths that leave the tree, by every road a patch has.
. "$SRC/tests/lib.sh"
example
for path in ../../etc/passwd x/../../y .git/config a/.GIT/hooks/post-checkout; do
	printf '%s\n' "diff --git a/$path b/$path" 'new file mode 100644' '--- /dev/null' "+++ b/$path" \
		'@@ -0,0 +1 @@' '+x' >../escape.diff
	refused "$TRUCE" series add evil diff:../escape.diff --base v2.6.16-example
done
[ ! -e /etc/passwd.orig ] || fail "outside the tree was written"

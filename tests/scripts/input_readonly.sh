# A directory that may not be written: said, with what to do; nothing changed.
. "$SRC/tests/lib.sh"
as_other_user
chmod 755 .
example
chmod -R a-w,a+rX .git
status 2 other "$TRUCE" mediate --base v2.6.16-example --series "$ACME" --series "$GLOBEX"
hints
says --db
chmod -R u+w .git

# One series, two and three: every command works.
. "$SRC/tests/lib.sh"
example
cat >../third.diff <<'P'
--- a/kernel/fork.c
+++ b/kernel/fork.c
@@ -6,5 +6,7 @@ static int last_pid;
 
 int alloc_pid(void)
 {
+	if (last_pid < 0)
+		last_pid = 0;
 	return ++last_pid;
 }
P
every_command() {
	"$TRUCE" analyze >/dev/null
	"$TRUCE" series list >/dev/null
	"$TRUCE" points >/dev/null
	"$TRUCE" findings >../findings
	for format in text markdown json html mail sarif github junit ktap; do
		"$TRUCE" report --format $format >/dev/null
	done
	"$TRUCE" plan >/dev/null
	[ "$("$TRUCE" sql 'SELECT count(*) FROM series' | tail -n 1)" = "$1" ] ||
		fail "not $1 series"
}
"$TRUCE" series add third diff:../third.diff --base v2.6.16-example
every_command 1
"$TRUCE" series show third >/dev/null
"$TRUCE" series add acme "$SRC/examples/two-vendors/acme.mbox"
every_command 2
"$TRUCE" series add globex "$SRC/examples/two-vendors/globex"
every_command 3
id=$("$TRUCE" sql "SELECT id FROM findings WHERE kind = 'point.contested' LIMIT 1" | tail -n 1)
[ -n "$id" ] || fail "no contested point between the two vendors"
"$TRUCE" show "$id" >/dev/null
"$TRUCE" decide "$id" --take acme --note 'for the test'
"$TRUCE" series remove third
every_command 2
"$TRUCE" show "$id" | grep -q acme || fail "the decision is gone"

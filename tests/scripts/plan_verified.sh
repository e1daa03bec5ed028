# The plan's check: a step that breaks a file says so, and a new file may be as faulty as in its tip.
# What a ruling changes is checked by the next analysis.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null
unchecked() { "$TRUCE" sql "SELECT count(*) FROM steps WHERE verified = 'no'" | tail -n 1; }
[ "$(unchecked)" = 0 ] || fail "$(unchecked) steps are not checked"
id=$("$TRUCE" sql "SELECT id FROM findings WHERE kind = 'text.conflict' LIMIT 1" | tail -n 1)
"$TRUCE" decide "$id" --take acme >/dev/null
[ "$(unchecked)" != 0 ] || fail "no step waits for its check after the ruling"
"$TRUCE" analyze >/dev/null
[ "$(unchecked)" = 0 ] || fail "$(unchecked) steps are not checked after the next analysis"
"$TRUCE" show "$id" | grep -q 'take acme' || fail "the ruling is gone"

cat >../faulty.diff <<'P'
--- a/kernel/fork.c
+++ b/kernel/fork.c
@@ -6,5 +6,7 @@ static int last_pid;
 
 int alloc_pid(void)
 {
+	struct nowhere none;
+	none.last = last_pid;
 	return ++last_pid;
 }
P
cat >../new.diff <<'P'
--- /dev/null
+++ b/kernel/new.c
@@ -0,0 +1,4 @@
+int of_nowhere(struct nowhere *n)
+{
+	return n->last;
+}
P
rm -rf .git/truce
"$TRUCE" mediate --base v2.6.16-example --series faulty=diff:../faulty.diff \
	--series new=diff:../new.diff >/dev/null
"$TRUCE" plan >../plan
grep -A 4 'faulty:' ../plan | grep -q 'parses worse' || fail "the broken step is not told: $(cat ../plan)"
grep -A 4 'new:' ../plan | grep -q 'parses no worse' || fail "the new file's step: $(cat ../plan)"

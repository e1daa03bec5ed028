# A patch for another tree: nothing applies, so nothing is stored.
. "$SRC/tests/lib.sh"
cat >other.diff <<'P'
--- a/fs/other.c
+++ b/fs/other.c
@@ -10,3 +10,4 @@
 int one;
-int two;
+int second;
+int third;
 int four;
P
example
refused "$TRUCE" series add other diff:../other.diff --base v2.6.16-example
says fs/other.c

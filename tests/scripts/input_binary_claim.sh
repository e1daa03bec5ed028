# A binary patch that claims ten gigabytes.
. "$SRC/tests/lib.sh"
cat >big.diff <<'P'
diff --git a/blob.bin b/blob.bin
new file mode 100644
index 0000000000000000000000000000000000000000..1111111111111111111111111111111111111111
GIT binary patch
literal 10737418240
zcmV-T0

literal 0
HcmV?d00001

P
example
refused "$TRUCE" series add big diff:../big.diff --base v2.6.16-example
says big.diff

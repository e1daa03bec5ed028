# A mail cut off in the middle of a hunk: told with its place, nothing stored.
. "$SRC/tests/lib.sh"
# in the middle of the third patch's first hunk
cut=$(grep -n '^+#ifndef _ACME_SYSTEM_H' "$SRC/examples/two-vendors/acme.mbox" | cut -d: -f1)
head -n $((cut + 9)) "$SRC/examples/two-vendors/acme.mbox" >cut.mbox
example
refused "$TRUCE" series add acme mbox:../cut.mbox --base v2.6.16-example
says cut.mbox

# A mail cut off in the middle of a hunk: told with its place, nothing stored.
. "$SRC/tests/lib.sh"
head -c 3500 "$SRC/examples/two-vendors/acme.mbox" >cut.mbox
example
refused "$TRUCE" series add acme mbox:../cut.mbox --base v2.6.16-example
says cut.mbox

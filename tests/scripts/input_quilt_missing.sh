# A series file that names a patch that is not there.
. "$SRC/tests/lib.sh"
cp -R "$SRC/examples/two-vendors/globex" q
echo not-there.patch >>q/series
example
refused "$TRUCE" series add globex quilt:../q --base v2.6.16-example
says not-there.patch
says series:

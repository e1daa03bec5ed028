# The bundled example: what truce finds is what examples/two-vendors/expected.* say.
# TRUCE_UPDATE=1 writes them anew.
. "$SRC/tests/lib.sh"
cd "$SRC/examples/two-vendors" && here=$PWD && cd - >/dev/null
mkdir -p srcdir/examples
cp -R "$SRC/examples/." srcdir/examples
example
# SPECs are part of the report: they are given relative, so that it is the same everywhere.
cp -R "$here/acme.mbox" "$here/globex" ..
cd ..
"$TRUCE" -C repo mediate --base v2.6.16-example --series acme=mbox:../acme.mbox \
	--series globex=quilt:../globex >/dev/null
for format in json markdown; do
	"$TRUCE" -C repo report --format $format | sed "s|$PWD|.|g" >expected.$format
	if [ -n "${TRUCE_UPDATE-}" ]; then
		cp expected.$format "$here/expected.$format"
	fi
	diff -u "$here/expected.$format" expected.$format || fail "the $format report differs"
done

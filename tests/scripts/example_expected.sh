# The bundled example: what truce finds is what examples/two-vendors/expected.* say.
# TRUCE_UPDATE=1 writes them anew.
. "$SRC/tests/lib.sh"
here=$SRC/examples/two-vendors
cp -R "$here/acme.mbox" "$here/globex" .
example
"$TRUCE" mediate --base v2.6.16-example --series acme=mbox:../acme.mbox \
	--series globex=quilt:../globex >/dev/null
cd ..
for format in json markdown; do
	# SPECs are kept as absolute paths
	"$TRUCE" -C repo report --format $format | sed "s|$PWD|.|g" >expected.$format
	[ -z "${TRUCE_UPDATE-}" ] || cp expected.$format "$here/expected.$format"
	diff -u "$here/expected.$format" expected.$format || fail "the $format report differs"
done

# The example at the gate: what truce says of Globex' backend is what examples/gate/expected.text says, all
# four kinds of the gate. TRUCE_UPDATE=1 writes it anew.
. "$SRC/tests/lib.sh"
here=$SRC/examples/gate
"$here/setup" repo
cd repo
status 1 "$TRUCE" gate "mbox:$here/globex.mbox" --base interface --rules "$here/machine-ops.yaml"
[ -z "${TRUCE_UPDATE-}" ] || cp ../out "$here/expected.text"
diff -u "$here/expected.text" ../out || fail 'the gate says something else'
for kind in point.bypass point.incomplete point.contract interface.drift; do
	grep -q "\[$kind " ../out || fail "the example lacks $kind"
done

# One source of truth: rules/reference.yaml is what the lists of the interface say, and truce finds the same operations
# by itself, with the same types.
/usr/bin/python3 -c '' 2>/dev/null && /usr/bin/python3 "$SRC/reference/catalogue.py" --check "$SRC/rules/reference.yaml"

git init -q tree
cp -r "$SRC/reference" tree/reference
cd tree
git add -A
git commit -qm interface
"$TRUCE" interface extract pv_ops --name reference >../draft.yaml 2>/dev/null
ids() {
	sed -n 's/^  - id: \([a-z]*\.[A-Za-z0-9_]*\)$/\1/p' "$1"
}
ids ../draft.yaml >../drafted
ids "$SRC/rules/reference.yaml" >../listed
cmp ../drafted ../listed
[ "$(wc -l <../listed)" -ge 60 ]
"$TRUCE" interface check reference
# a test that cannot fail is none: an operation less is found
sed -i '/^PV_OP(irq, save_fl/,/)$/d' reference/include/pv/ops/irq.h
git commit -qam less
if "$TRUCE" interface check reference >../out; then
	echo "a missing operation was not found"
	exit 1
fi
grep -q 'irq.save_fl' ../out

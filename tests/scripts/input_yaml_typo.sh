# A catalogue with a misspelled key: file, line and the nearest key.
. "$SRC/tests/lib.sh"
example
sed 's/^points:/pionts:/' "$SRC/rules/paravirt-i386.yaml" >../typo.yaml
mediate >/dev/null 2>&1
refused "$TRUCE" mediate --base v2.6.16-example --series "$ACME" --series "$GLOBEX" \
	--rules ../typo.yaml
says typo.yaml
says pionts

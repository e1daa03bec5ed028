# Rules know the kernel, the engine knows no vendor: no vendor's name in the program's C.
cd "$SRC"
if grep -rniwE 'xen|vmi|vmware|xensource|lguest|acme|globex' src analyzers db --include='*.[ch]'; then
	echo "a vendor's name in the engine: it belongs into rules/"
	exit 1
fi

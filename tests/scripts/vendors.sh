# Rules know the kernel, the engine knows no vendor: no vendor's name in the program's C. Headers
# that a kernel's own build makes are named as that build names them.
cd "$SRC"
if grep -rniwE 'xen|vmi|vmware|xensource|lguest|acme|globex' src analyzers db --include='*.[ch]' |
	grep -vE '^src/kernel/generated_[a-z]+\.c:[0-9]+:.*(scripts|generated|include)/[a-z/]*xen'; then
	echo "a vendor's name in the engine: it belongs into rules/"
	exit 1
fi

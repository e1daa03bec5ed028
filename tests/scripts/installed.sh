# cmake --install and cpack -G DEB give a program that runs without the sources.
. "$SRC/tests/lib.sh"
build=$(dirname "$TRUCE")
[ -e "$build/cmake_install.cmake" ] || exit 77
unset TRUCE_RULES
cmake --install "$build" --prefix "$PWD/usr" >/dev/null
(cd "$build" && cpack -G DEB -B "$OLDPWD/deb" >/dev/null)
mkdir unpacked
dpkg-deb -x deb/truce_*.deb unpacked
for program in usr/bin/truce unpacked/usr/bin/truce; do
	[ -x "$program" ] || fail "$program is not there"
	cp "$SRC/examples/two-vendors/acme.mbox" .
	cp -R "$SRC/examples/two-vendors/globex" .
	rm -rf repo
	"$SRC/examples/setup" repo
	(cd repo && "../$program" mediate --base v2.6.16-example --series acme=mbox:../acme.mbox \
		--series globex=quilt:../globex >/dev/null 2>../err) || { cat err; fail "$program"; }
	contested=$(cd repo && "../$program" sql \
		"SELECT count(*) FROM findings WHERE kind = 'point.contested'" | tail -n 1)
	[ "$contested" -gt 0 ] || fail "$program found no rules"
	(cd repo && PATH=$OLDPWD/${program%/*}:$PATH && git truce series list >/dev/null) ||
		fail "${program%/*} has no git truce"
	share=${program%/bin/truce}/share
	if [ -x "$build/reference/pv-machine" ] && command -v cc >/dev/null; then
		sed -n '/^```c acme/,/^```$/p' "$SRC/docs/interface.md" | sed '1d;$d' >acme.c
		# shellcheck disable=SC2046 # words on purpose
		cc $(sed -n 's/^cc \(-c .*\) -I.*acme\.c$/\1/p' "$SRC/docs/interface.md") \
			-I"$share/truce/reference/include" acme.c
		"$program" interface conform acme.o >out || { cat out; fail "$program: conform"; }
	fi
	for file in man/man1/truce.1 man/man1/truce-mediate.1 man/man1/git-truce.1 \
		bash-completion/completions/truce bash-completion/completions/git-truce; do
		[ -s "$share/$file" ] || [ -s "$share/$file.gz" ] || fail "$share/$file is not there"
	done
	# the pages that the README links, and those that help and errors name
	for page in $({
		cat "$share/doc/truce/README.md"
		"$program" help --markdown
		strings -a "$program" 2>/dev/null || :
	} | grep -oE 'docs/[A-Za-z0-9/._-]+\.(md|json)' | sort -u); do
		[ -s "$share/doc/truce/$page" ] || fail "$share/doc/truce/$page is not there"
	done
done
# Without the reader of C there are no facts, and that is said; but a program that is installed here
# has one to fall back on.
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
[ ! -e "$prefix/libexec/truce/truce-clang.so" ] || exit 0
rm unpacked/usr/libexec/truce/truce-clang.so
cd repo
rm -rf "$(git rev-parse --git-dir)/truce"
code=0
../unpacked/usr/bin/truce mediate --base v2.6.16-example --series acme=mbox:../acme.mbox >out 2>err ||
	code=$?
[ $code = 2 ] && grep -q 'reader of C cannot be loaded' err && grep -q 'install truce again' err ||
	{ cat err; fail "without its module: status $code"; }
../unpacked/usr/bin/truce --version >/dev/null || fail "a command that reads no C needs its reader"

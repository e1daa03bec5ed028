# Includes point one way: each folder may include only what stands below it. No stage includes
# another; clang-c, git2, sqlite3 have one user each.
cd "$SRC"
bad=0
complain() {
	echo "layering: $*"
	bad=1
}
# folder: folders it may include
allowed() {
	case $1 in
	src/base) echo base ;;
	src/model) echo base model ;;
	src/git) echo base model git ;;
	src/kernel) echo base model git kernel ;;
	src/series) echo base model git series ;;
	src/facts) echo base model git facts ;;
	src/interface) echo base model interface ;;
	src/conflict) echo base model git conflict ;;
	src/merge) echo base model git merge ;;
	src/plan) echo base model git plan ;;
	src/gate) echo base model gate ;;
	src/conform) echo base model conform ;;
	src/report) echo base model report ;;
	src/engine) echo base model git kernel series facts interface conflict merge plan gate \
		conform report engine analyzers db ;;
	src/cli) echo base model git engine report cli db ;;
	analyzers/text) echo base model text ;;
	analyzers/c) echo base model c text ;;
	analyzers/ctext) echo base model ctext text ;;
	analyzers/asm) echo base model asm text ;;
	analyzers/kconfig | analyzers/kbuild) echo base model kernel kconfig kbuild git ;;
	analyzers) echo base model analyzers c ctext asm kconfig kbuild ;;
	db) echo base model db ;;
	*) echo "?" ;;
	esac
}
files=$(git ls-files 'src/*.[ch]' 'analyzers/*.[ch]' 'db/*.[ch]' 2>/dev/null ||
	find src analyzers db -name '*.[ch]')
# shellcheck disable=SC2086 # names of source files
includes=$(grep -Ho '^#include ["<][^">]*' $files)
folder=
while IFS=: read -r file include; do
	if [ "$folder" != "${file%/*}" ]; then
		folder=${file%/*}
		may=" $(allowed "$folder") "
		[ "$may" = " ? " ] && complain "folder $folder is unknown to this test"
	fi
	include=${include#'#include '}
	case $include in
	'<git2'*) [ "$folder" = src/git ] || complain "$file uses git2.h" ;;
	'<sqlite3'*) [ "$folder" = db ] || complain "$file uses sqlite3.h" ;;
	'<clang-c'*) [ "$folder" = analyzers/c ] || complain "$file uses clang-c" ;;
	esac
	[ "${include#<}" = "$include" ] || continue
	include=${include#'"'}
	case $include in
	analyzers/*/*) target=${include#analyzers/} target=${target%%/*} ;;
	*/*) target=${include%%/*} ;;
	*) complain "$file includes \"$include\" without its folder" && continue ;;
	esac
	case $may in
	*" $target "*) ;;
	*) complain "$file includes $include" ;;
	esac
done <<EOF
$includes
EOF
exit $bad

# Completion in bash: commands, options, the values of options.
command -v bash >/dev/null || exit 77
mkdir bin
ln -s "$TRUCE" bin/truce
PATH=$PWD/bin:$PATH
git init -q .
git commit -q --allow-empty -m base
git tag v1.0
cat >complete.bash <<'END'
source "$SRC/completions/truce.bash"
status=0
# completes WANTED WORD...: the last word completes to WANTED.
completes()
{
	local want=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_truce 2>/dev/null
	[ "${COMPREPLY[*]}" = "$want" ] && return
	echo "$*: completes to '${COMPREPLY[*]}', not '$want'"
	status=1
}
completes 'findings' truce fi
completes 'add list show update remove' truce series ''
completes 'list show extract check test conform' truce interface ''
completes '--base' truce series add --b
completes '--json --jobs' truce points --j
completes 'markdown mail' truce report --format m
completes 'v1.0' truce mediate --base v
completes 'note warning error' truce findings --severity ''
completes 'error' truce findings --severity e
completes 'json junit' truce mediate -f j
completes 'markdown mail' truce mediate -f m
completes 'always never auto' truce points --color ''
# git's completion has set these when it calls.
words=(git truce find) cword=2 cur=find prev=truce COMPREPLY=()
_git_truce
[ "${COMPREPLY[*]}" = findings ] || { echo "git truce: '${COMPREPLY[*]}'"; status=1; }
exit $status
END
bash complete.bash

# What the database knows: series, points, kinds, ids.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null 2>&1
sed '/^completes /d; /^words=/,$d' ../complete.bash >known.bash
cat >>known.bash <<'END'
completes 'acme globex' truce decide x --take ''
completes 'globex' truce series remove g
completes 'irq.halt' truce findings --point irq.ha
completes 'number.collision' truce findings -k num
completes 'mmu' truce points --group m
completes '5919cbeb' truce show 591
exit $status
END
bash known.bash

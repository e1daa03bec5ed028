# bash completion for truce and `git truce`: asks the program, so that it never falls behind.

# What may follow the words in ${command[@]}: commands, options with their choices behind them.
_truce_words()
{
	truce help --words "${command[@]}" 2>/dev/null
}

_truce_series()
{
	truce sql --tsv 'SELECT name FROM series' 2>/dev/null | tail -n +2
}

# The value of the option in $prev; 1 when it has none that can be told.
_truce_value()
{
	case $prev in
	--base | -b | --apply | -a)
		git for-each-ref --format='%(refname:short)' refs/tags refs/heads 2>/dev/null
		;;
	--take) _truce_series ;;
	--kind | -k) truce sql --tsv 'SELECT DISTINCT kind FROM findings' 2>/dev/null | tail -n +2 ;;
	--group | -g) truce sql --tsv 'SELECT DISTINCT "group" FROM points' 2>/dev/null | tail -n +2 ;;
	--point | -p) truce sql --tsv 'SELECT DISTINCT id FROM points' 2>/dev/null | tail -n +2 ;;
	--series | -s) [[ ${command[0]} == findings ]] && _truce_series ;;
	-f) _truce_words | sed -n 's/^--format //p' ;;
	-S) _truce_words | sed -n 's/^--severity //p' ;;
	--*) _truce_words | sed -n "s/^$prev //p" ;;
	esac
}

_truce()
{
	local cur prev words cword
	_init_completion -n := 2>/dev/null || {
		cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
		words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	}
	_truce_complete 1
}

# git's completion calls this for `git truce`, with cur, prev, words and cword set.
_git_truce()
{
	_truce_complete 2
}

# Completes $cur; the words from the one of that number on are truce's.
_truce_complete()
{
	local command=() word list
	for word in "${words[@]:$1:cword-$1}"; do
		[[ $word == -* ]] || command+=("$word")
	done
	if [[ $prev == -* ]]; then
		list=$(_truce_value)
		if [[ $list ]]; then
			COMPREPLY=($(compgen -W "$list" -- "$cur"))
			return
		fi
		case $prev in
		--db | --report | --output | -o | -C | --directory | --rules | -r)
			COMPREPLY=($(compgen -f -- "$cur"))
			return
			;;
		esac
	fi
	if [[ $cur != -* ]]; then
		case ${command[0]} in
		show | decide)
			COMPREPLY=($(compgen -W "$(truce findings --oneline 2>/dev/null | cut -f1)" -- "$cur"))
			return
			;;
		series)
			case ${command[1]} in
			show | update | remove)
				COMPREPLY=($(compgen -W "$(_truce_series)" -- "$cur"))
				return
				;;
			esac
			;;
		esac
	fi
	# Options only when one is begun: commands first.
	list=$(_truce_words | cut -d' ' -f1)
	[[ $cur == -* ]] || list=$(grep -v '^-' <<<"$list")
	COMPREPLY=($(compgen -W "$list" -- "$cur"))
	# SPECs and queries are paths as often as not.
	[[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _truce truce

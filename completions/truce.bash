# bash completion for truce: asks the program, so that it never falls behind.
_truce()
{
	local cur prev words cword
	_init_completion -n := 2>/dev/null || {
		cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
		words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	}
	local command=() word
	for word in "${words[@]:1:cword-1}"; do
		[[ $word == -* ]] || command+=("$word")
	done
	case $prev in
	--format | -f) COMPREPLY=($(compgen -W 'text markdown json' -- "$cur")) && return ;;
	--color) COMPREPLY=($(compgen -W 'always never auto' -- "$cur")) && return ;;
	--severity | --threshold) COMPREPLY=($(compgen -W 'note warning error' -- "$cur")) && return ;;
	--base | -b | --apply) COMPREPLY=($(compgen -W "$(git for-each-ref \
		--format='%(refname:short)' refs/tags refs/heads 2>/dev/null)" -- "$cur")) && return ;;
	--db | --report | --output | -o | -C) COMPREPLY=($(compgen -f -- "$cur")) && return ;;
	--take) COMPREPLY=($(compgen -W "$(truce sql --tsv \
		'SELECT name FROM series' 2>/dev/null | tail -n +2)" -- "$cur")) && return ;;
	esac
	case ${command[0]} in
	show | decide)
		if [[ $cur != -* ]]; then
			COMPREPLY=($(compgen -W "$(truce findings --oneline 2>/dev/null | cut -f1)" -- "$cur"))
			return
		fi
		;;
	esac
	local list
	list=$(truce help --words "${command[@]}" 2>/dev/null)
	# Options only when one is begun: commands first.
	[[ $cur == -* ]] || list=$(grep -v '^-' <<<"$list")
	COMPREPLY=($(compgen -W "$list" -- "$cur"))
	# SPECs and queries are paths as often as not.
	[[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _truce truce

#!/bin/sh
# Measures of the applier on Linux history, against git:
#   bench/apply-measures.sh LINUX APPLY_BENCH DIR own   [COUNT]   patches on their own parent
#   bench/apply-measures.sh LINUX APPLY_BENCH DIR far   [COUNT]   on a tree 200 to 800 commits away
#   bench/apply-measures.sh LINUX APPLY_BENCH DIR box   [COUNT]   a mailbox, against git am
# LINUX: a clone with v2.6.12-rc2 to v2.6.36; APPLY_BENCH: the built program; DIR: room for some GB.
# The choice of commits is the same every time.
set -eu
linux=$(realpath "$1") bench=$(realpath "$2") what=$4
mkdir -p "$3"
cd "$3"
git() { command git -c gc.auto=0 -c core.hooksPath=/dev/null -c user.name=t -c user.email=t@example.com "$@"; }

# COUNT random non-merge commits, each written as a mail with and without renames.
write_patches() {
	[ -s commits ] && return
	mkdir -p renames plain
	git -C "$linux" rev-list --no-merges --min-parents=1 v2.6.12-rc2..v2.6.36 >all
	yes 42 | head -c 4194304 >seed
	shuf --random-source=seed -n "$1" all >drawn
	while read -r commit; do
		# One that changes nothing has no patch.
		git -C "$linux" diff-tree --quiet "$commit^" "$commit" && continue
		git -C "$linux" format-patch --binary -M -1 --stdout "$commit" >"renames/$commit.patch"
		git -C "$linux" format-patch --binary --no-renames -1 --stdout "$commit" \
			>"plain/$commit.patch"
		echo "$commit"
	done <drawn >commits
}

own() {
	write_patches "${1:-5000}"
	sed 's/$/^{tree}/' commits | git -C "$linux" cat-file --batch-check='%(objectname)' >wanted
	for kind in renames plain; do
		sed "s#\(.*\)#\1^ mbox:$PWD/$kind/\1.patch#" commits | "$bench" batch "$linux" >"own.$kind"
		awk '{print $2, $3}' "own.$kind" | paste -d' ' wanted - | awk -v kind="$kind" '
			$1 == $2 && $3 == "applied" {same++}
			END {print kind ": " same + 0 " of " NR " with the tree of the commit"}'
	done
}

# git am -3 in a work tree that holds only what the patch names: a merge takes any other missing
# file for untouched, but those for deleted.
git_am() {
	find am -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +
	rm -rf am/.git/rebase-apply
	git -C am update-ref --no-deref HEAD "$1"
	git -C am read-tree "$1"
	git -C am diff-tree -r -z --no-commit-id --name-only --no-renames "$2" |
		(cd am && xargs -0 -r git --literal-pathspecs ls-files -z --) |
		git -C am checkout-index -f -z --stdin
	if git -C am am -3 -q "$PWD/renames/$2.patch" >am.log 2>&1; then
		git -C am rev-parse 'HEAD^{tree}'
	else
		echo fails
	fi
}

far() {
	write_patches "${1:-2000}"
	[ -s history ] || git -C "$linux" rev-list v2.6.36 ^v2.6.12-rc2 >history
	# Some hundred commits before or behind, by a small generator of its own.
	awk -v count="${1:-2000}" 'FNR == NR {at[$1] = NR; list[NR] = $1; n = NR; next}
		FNR <= count {
			x = (x * 1103515245 + 12345) % 2147483648
			y = at[$1] + (200 + x % 601) * (int(x / 1024) % 2 ? 1 : -1)
			y = y < 1 ? 1 : (y > n ? n : y)
			print list[y], $1
		}' history commits >far
	# git's part takes an hour: what far.git has already is not done again.
	[ -d am ] || git clone -q --shared --no-checkout "$linux" am
	touch far.git
	awk 'FNR == NR && FILENAME == "far.git" {done[$1]; next} !($2 in done)' far.git far |
		while read -r base commit; do
			echo "$commit $(git_am "$base" "$commit" </dev/null)" >>far.git
		done
	sed "s#\([^ ]*\) \(.*\)#\1 mbox:$PWD/renames/\2.patch#" far | "$bench" batch "$linux" >far.truce
	# A line of far.truce: SPEC TREE applied|partial ...
	awk 'FNR == NR {git[$1] = $2; next}
		{
			commit = $1
			sub(/.*\//, "", commit)
			sub(/\.patch$/, "", commit)
			how[git[commit] == "fails" ? "fails" : "takes", $3]++
			if (git[commit] == "fails") {
				if ($3 == "applied")
					print "git am -3 fails, truce applies: " commit
			} else {
				takes++
				if ($3 == "applied" && $2 == git[commit])
					same++
				else
					print "differs: " commit " git " git[commit] " truce " $2 " " $3
			}
		}
		END {
			print "git am -3 applies " takes + 0 " of " FNR ", truce the same " same + 0
			print "git am -3 fails: truce applies " how["fails", "applied"] + 0 \
				", in part " how["fails", "partial"] + 0
		}' far.git far.truce
}

box() {
	base=v2.6.16-rc5
	end=$(git -C "$linux" rev-list --first-parent --reverse $base..v2.6.17 | sed -n "${1:-1000}p")
	git -C "$linux" log --first-parent -m --reverse --pretty=email --patch-with-stat --binary \
		--no-renames "$base..$end" >box.mbox
	"$bench" series "$linux" $base mbox:box.mbox --flush
	[ -d am ] || git clone -q --shared --no-checkout "$linux" am
	git -C am checkout -qf $base
	time git -C am am -q "$PWD/box.mbox" 2>/dev/null
	echo "git am: tree $(git -C am rev-parse 'HEAD^{tree}')"
	echo "mainline: tree $(git -C "$linux" rev-parse "$end^{tree}")"
}

shift 4
$what "$@"

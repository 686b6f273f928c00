#: set_options
set -u; echo ${x-default}; set +u; echo "[$x]"; set -o nounset; [[ -o nounset ]] && echo on; set +o nounset; [[ -o nounset ]] || echo off

#: nounset_ends
#! stderr
set -u
echo before
echo $undefined
echo after

#: nounset_in_subshell
set -u; (echo $undefined) 2>/dev/null; echo $?; x=$(echo $undefined 2>/dev/null); echo "code $?"; echo end

#: nounset_exceptions
set -u; echo "$@" "$*" ${x:-a} ${x+b} ${#}; a=(); echo ${a[@]:-none}

#: nounset_array_element
set -u; a=(1); echo ${a[3]}; echo no

#: xtrace
#! stderr
set -x; a=1; echo "$a b"; [ 1 = 1 ]; for i in x; do :; done; set +x; echo end

#: xtrace_ps4
#! stderr
PS4='+ $LINENO: '; set -x
echo one
echo two

#: verbose_noexec
bash -n -c 'echo never'; echo $?; bash -n -c 'if' 2>/dev/null; echo $?

#: shopt_query
shopt -q nullglob; echo $?; shopt -s nullglob; shopt -q nullglob; echo $?; shopt nullglob; shopt -u nullglob extglob; shopt -p extglob

#: set_o_listing
set -o | grep -E '^(errexit|nounset|pipefail|noclobber)' | tr -s '\t ' ' '; set -e; set -o | grep errexit | tr -s '\t ' ' '; set +o | grep pipefail

#: dash_variable
set -eu; case $- in *e*u*|*u*e*) echo both;; esac

#: cd_and_pwd
mkdir -p a/b; cd a/b; basename "$PWD"; cd ..; basename "$(pwd)"; cd - > /dev/null; basename "$OLDPWD"; cd; [ "$PWD" = "$HOME" ] && echo home

#: cd_errors
#! stderr
cd nowhere; echo $?; touch f; cd f; echo $?

#: cd_links
mkdir real; ln -s real link; cd link; basename "$PWD"; basename "$(pwd -P)"; cd ..; cd -P link; basename "$PWD"

#: cdpath
mkdir -p x/sub; CDPATH=x; cd sub > /dev/null; basename "$PWD"

#: pushd_popd
mkdir a b; w=$PWD; pushd a > /dev/null; pushd ../b > /dev/null; dirs -v | wc -l; popd > /dev/null; basename "$PWD"; popd > /dev/null; [ "$PWD" = "$w" ] && echo back; popd 2>/dev/null; echo $?

#: export_and_env
export A=1; B=2; bash -c 'echo "$A [$B]"'; C=3 bash -c 'echo $C'; echo "[$C]"; env D=4 bash -c 'echo $D'; export -n A; bash -c 'echo "[$A]"'; env -i X=1 bash -c 'echo $X'; env -u A true

#: export_p
export ZED='a b'; export -p | grep ZED; declare -x | grep -c ZED; env | grep ZED

#: readonly_variables
#! stderr
readonly R=1; R=2; echo "not reached"

#: readonly_in_subshell
readonly R=1; (R=2) 2>/dev/null; echo $?; unset R 2>/dev/null; echo $? $R

#: unset_forms
x=1; f() { :; }; unset x; unset -f f; echo "[${x-gone}]"; type f 2>/dev/null || echo nof; unset nosuch; echo $?

#: declare_attributes
declare -l low=ABC; declare -u up=abc; echo $low $up; declare -i n=1; n+=1; echo $n; declare -r c=5; declare -p c; declare -x e=6; bash -c 'echo $e'; declare +x e; bash -c 'echo "[$e]"'

#: declare_g
f() { declare -g g=1; declare l=2; }; f; echo "$g [$l]"

#: alias_expansion
shopt -s expand_aliases
alias hi='echo hello'
hi there
alias hi; unalias hi; alias hi 2>/dev/null; echo $?

#: type_and_command
type -t echo; type -t if; type -t ls; f() { :; }; type -t f; type -t nosuch; echo $?; command -v echo; command -v f; command -v nosuch; echo $?; type echo

#: hash_and_which
command -v cat >/dev/null && echo cat; which sh > /dev/null && echo sh; hash -r; echo $?

#: seconds_and_random
SECONDS=0; [ $SECONDS -lt 5 ] && echo s; a=$RANDOM; [ $a -ge 0 -a $a -lt 32768 ] && echo r; RANDOM=42; x=$RANDOM; RANDOM=42; [ $x = $RANDOM ] && echo same; [ $EPOCHSECONDS -gt 1000000000 ] && echo e; sleep 0.01; [ "${EPOCHSECONDS}" -gt 1000000000 ] && echo f

#: random_seeded
RANDOM=1; echo $RANDOM $RANDOM $RANDOM

#: lineno
echo $LINENO

echo $LINENO
f() {
  echo $LINENO
}
f; echo $LINENO

#: bash_variables
[ -n "$BASH_VERSION" ] && echo v; [ ${BASH_VERSINFO[0]} -ge 4 ] && echo 4; [ -n "$HOSTNAME" ] && echo h; [ -n "$UID" ] && echo u; echo ${OSTYPE%%-*}; echo $BASH_SUBSHELL; [ -n "$PPID" ] && echo p; [ -n "$SHLVL" ] && echo l; echo "$IFS" | od -An -c

#: umask
umask 022; touch f; stat -c %a f; umask 077; touch g; mkdir d; stat -c %a g d; umask

#: times_and_ulimit
ulimit -n > /dev/null; echo $?; times > /dev/null; echo $?

#: exec_command
(exec echo replaced; echo never); exec true; echo never

#: script_arguments
cat > s.sh <<'E'
echo "$0 $# $1 ${2:-none}"
shift
echo "$@"
E
bash s.sh a 'b c' d; bash s.sh y; chmod +x s.sh; ./s.sh x

#: shebang
printf '#!/bin/sh\necho sh $1\n' > a; printf '#!/usr/bin/env bash\necho "bash ${BASH_VERSION:+yes}"\n' > b; printf 'echo plain\n' > c; chmod +x a b c; ./a 1; ./b; ./c

#: path_lookup
mkdir bin; printf '#!/bin/bash\necho "mine $*"\n' > bin/mycmd; chmod +x bin/mycmd; PATH=$PWD/bin:$PATH; mycmd a b; type -t mycmd; command -v mycmd | sed 's|.*/w/||'

#: bash_c_arguments
bash -c 'echo $0 $1 $#' name a b; bash -c 'echo "$@"' _ 'x y' z; sh -c 'echo sh'; bash -e -c 'false; echo no'; echo $?; bash -o pipefail -c 'false | true'; echo $?

#: nested_shell_state
x=1; bash -c 'x=2; cd /; echo $x'; echo $x; (cd /; x=3); echo $x; eval 'x=4'; echo $x; . <(echo x=5) ; echo $x

#: getopts_script
cat > s.sh <<'E'
usage() { echo "usage: s.sh [-v] [-n NUM] file..." >&2; exit 64; }
v=0 n=1
while getopts vn:h o; do case $o in v) v=1;; n) n=$OPTARG;; h) usage;; *) usage;; esac; done
shift $((OPTIND-1)); (($#)) || usage
echo "v=$v n=$n files=$*"
E
bash s.sh -v -n 3 a b; bash s.sh 2>&1; echo $?; bash s.sh -vn5 c; bash s.sh -q f 2>&1 | tail -1; bash s.sh -- -x

#: eval_forms
eval; echo $?; eval 'a=1; b=2'; echo $((a+b)); c='echo x | tr x y'; eval "$c"; eval eval echo '\$a'; eval 'f() { echo defined; }'; f; eval 'false'; echo $?

#: history_and_help
history > /dev/null; echo $?; help cd > /dev/null; echo $?; enable -n test 2>/dev/null; enable test; echo $?

#: let_exit_and_colon
: ${X:=5}; echo $X; let "y = X + 1"; echo $y

#: printenv
export P=1; printenv P; printenv NOPE; echo $?; env | grep ^P=

#: environment_of_command
A=1 B=2 env | grep -E '^(A|B)=' | sort; A=x; A=y true; echo $A; A=z eval 'echo $A'; echo $A

#: bash_env_and_posix
POSIXLY_CORRECT=1 bash -c 'echo ok'; bash --norc -c 'echo norc'

#: nounset_in_a_child
bash -uc 'echo $nope' 2>/dev/null; echo $?

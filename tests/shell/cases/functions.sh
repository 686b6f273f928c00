#: arguments_and_return
f() { echo "$# $1 $2"; return 3; }; f a b; echo $?; function g { echo g; }; g; h() ( echo sub; exit 4 ); h; echo $?

#: locals
x=global; f() { local x=local y; y=in; echo $x; g; }; g() { echo "g sees $x"; }; f; echo $x "[$y]"

#: recursion_deep
f() { if [ $1 -gt 0 ]; then f $(($1-1)); else echo bottom; fi; }; f 14

#: recursion_100
f() { if (( $1 > 0 )); then f $(($1-1)); else echo bottom; fi; }; f 100

#: factorial
fact() { (($1<=1)) && echo 1 || echo $(($1 * $(fact $(($1-1))))); }; fact 10

#: hanoi
n=0; hanoi() { (($1==0)) && return; hanoi $(($1-1)) $2 $4 $3; ((n++)); hanoi $(($1-1)) $4 $3 $2; }; hanoi 6 a b c; echo $n

#: walk_tree
mkdir -p a/b/c/d/e/f/g; touch a/b/x; walk() { local f; for f in "$1"/*; do [ -e "$f" ] || continue; echo "$f"; [ -d "$f" ] && walk "$f"; done; return 0; }; walk a

#: shift_and_all
f() { while (($#)); do echo "$1 left $#"; shift; done; }; f a b c; g() { shift 2; echo "$@"; shift 5 || echo cannot; }; g 1 2 3

#: set_positional
set -- x y z; echo $1 $3 $#; f() { set -- p q; echo $@; }; f; echo $@

#: output_capture
f() { echo out; echo err >&2; return 2; }; x=$(f 2>/dev/null); echo "$x $?"

#: nameref
f() { local -n out=$1; out="set by f"; }; f result; echo "$result"; declare -n r=result; r=changed; echo $result; echo ${!r}

#: dynamic_names
declare "var_a=1"; n=b; declare "var_$n=2"; echo $var_a $var_b; printf -v "var_c" %s 3; echo $var_c; eval "var_d=4"; echo $var_d

#: functions_listing
f() { echo hi; }; declare -F f; type -t f; unset -f f; type -t f; echo $?; declare -f nope; echo $?

#: print_definition
f() { if true; then echo "a $1"; fi; for i in 1 2; do echo $i; done; }; declare -f f

#: export_function
f() { echo "exported $1"; }; export -f f; bash -c 'f x'; bash -c 'bash -c "f y"'

#: exported_function_in_xargs
up() { echo "up:$1"; }; export -f up; printf 'a\nb\n' | xargs -I{} bash -c 'up {}'

#: exported_function_uses_variables
export GREETING=hi; greet() { echo "$GREETING $1"; }; export -f greet; bash -c 'greet bob'; GREETING=yo bash -c 'greet al'

#: unexported_is_not_seen
f() { echo f; }; bash -c f 2>/dev/null; echo $?

#: command_and_builtin
echo() { printf 'mine %s\n' "$*"; }; echo a; command echo b; builtin echo c; unset -f echo; echo d

#: override_external
ls() { printf 'ls called with %s\n' "$*"; }; ls -l; unset -f ls; touch q; ls

#: funcname_and_lineno
outer() { inner; }; inner() { echo "${FUNCNAME[0]} ${FUNCNAME[1]} ${#FUNCNAME[@]}"; }; outer
echo $LINENO
f() { echo "line $LINENO"; }
f

#: caller
f() { caller 0 | cut -d' ' -f2; }; g() { f; }; g

#: bash_source_and_argv0
f() { echo "$0"; }; f; echo 'echo "$0 $1"; f2() { echo "${BASH_SOURCE[0]}"; }; f2' > s.sh; bash s.sh arg; . ./s.sh

#: return_outside
#! stderr
return 3; echo "after $?"

#: local_outside
#! stderr
local x=1; echo $?

#: default_arguments
f() { local name=${1:-World} n=${2-3}; echo "Hello $name $n"; }; f; f Bob; f '' ''

#: options_parsing
f() { local OPTIND opt v=0 o=; while getopts ':vo:' opt; do case $opt in v) v=1;; o) o=$OPTARG;; \?) echo "bad $OPTARG";; :) echo "needs $OPTARG";; esac; done; shift $((OPTIND-1)); echo "v=$v o=$o rest=$*"; }; f -v -o x a b; f -ox -v; f -z; f -o

#: long_options
f() { while (($#)); do case $1 in --name=*) echo "n ${1#*=}";; --name) echo "n $2"; shift;; --) shift; break;; -*) echo "unknown $1";; *) echo "pos $1";; esac; shift; done; echo "rest $*"; }; f --name=a --name b -x c -- -d e

#: function_in_pipeline_and_condition
f() { grep -q "$1"; }; if echo abc | f b; then echo yes; fi; echo abc | f z || echo no

#: redefine_and_nested_definition
f() { echo 1; f() { echo 2; }; }; f; f; g() { h() { echo inner; }; }; g; h

#: local_flags
f() { local -i n=2+3; local -r c=1; local -a a=(1 2); local -A m=([k]=v); echo $n $c ${a[1]} ${m[k]}; }; f

#: local_unset_and_inherit
x=1; f() { local x; echo "[${x-unset}]"; x=2; unset x; echo "[${x-unset}]"; }; f; echo $x

#: assignment_before_function
f() { echo "$V"; }; V=1 f; echo "[$V]"; export V=e; V=2 f; echo $V

#: exit_in_function
f() { exit 6; }; (f); echo $?; f; echo no

#: source_with_arguments_and_return
echo 'echo "args $1 $#"; v=set; return 5; echo no' > lib.sh; . ./lib.sh a b; echo "$? $v"; source lib.sh; echo $?

#: names_with_dashes
my-func() { echo dash; }; my-func; a.b() { echo dot; }; a.b; _x1() { echo u; }; _x1

#: variable_scope_in_loops
f() { for i in 1 2; do :; done; echo $i; }; i=9; f; echo $i

#: return_in_loop
f() { for i in 1 2 3; do [ $i = 2 ] && return $i; echo $i; done; }; f; echo $?

#: many_arguments
f() { echo "${10} ${11} $10"; }; f a b c d e f g h i j k

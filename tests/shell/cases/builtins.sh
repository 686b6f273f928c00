#: printf_strings
printf '%s\n' a b c; printf '%s-%s\n' a b c; printf '[%5s][%-5s][%.2s]\n' ab cd efg; printf '%b\n' 'a\tb'; printf '%c%c\n' hello world; printf '%%\n'; printf 'no newline'; echo; printf '%s\n'; printf '%d\n'

#: printf_numbers
printf '%d %i %5d|%-5d|%05d %+d % d\n' 1 2 3 4 5 6 7; printf '%x %X %o %#x %#o\n' 255 255 8 255 8; printf '%u\n' 3; printf "%d %d\n" "'a" '"b'; printf '%d\n' 0x1f 010

#: printf_floats
printf '%.2f %.0f %f %e %g %G\n' 3.14159 2.5 1 12345.678 0.0001 1e10; printf '%.2f\n' 2.675 1.005 0.125 2.345; printf '%8.3f|%-8.2f|%+.1f\n' 1 2 3; printf '%.3e %g %g\n' 0 100000 1000000

#: printf_special
printf '\x00\x41' | od -An -tx1; printf 'a\0b' | wc -c; printf '\u00e9\n'; printf '\101\n'; printf '%b' 'x\0101\n'; printf '\e[1m' | od -An -tx1; printf '%s\0' a b | od -An -c

#: printf_width_star
printf '%*d|%-*s|%.*f\n' 5 42 6 ab 2 3.14159

#: printf_errors
printf '%d\n' abc; echo $?; printf '%d\n' 3x 2>/dev/null; echo $?; printf '%z\n' 1 2>/dev/null; echo $?

#: printf_v
printf -v x '%03d' 7; echo $x; printf -v a[2] '%s' el; echo ${a[2]}; printf -v out '%s,' 1 2 3; echo "${out%,}"

#: printf_time
TZ=UTC printf '%(%Y-%m-%d %H:%M:%S)T\n' 0; printf '%(%s)T\n' -1 | grep -c '^[0-9]*$'

#: printf_table
printf '%-10s %5s %8s\n' name qty price; printf '%-10s %5d %8.2f\n' apple 3 1.5 pear 12 20.255 kiwi 100 0.1

#: printf_unicode_width
printf '[%5s][%-6s]\n' é äö; printf '%.3s|\n' äöüß

#: printf_large
printf '%d %d\n' 9223372036854775807 -9223372036854775808; printf '%d\n' 9223372036854775808 2>/dev/null; echo $?; printf '%u\n' -1; printf '%.20f\n' 0.1; printf '%.10g\n' 3.14159265358979

#: echo_forms
echo; echo -n a; echo -e '\tb\\c'; echo -e 'x\cignored'; echo; echo -nE 'a\n'; echo; echo -x; echo -e '\0101\x42\u43'

#: read_basics
echo 'a b c' | { read x y; echo "$x|$y"; }; echo ' lead  trail ' | { read v; echo "[$v]"; }; echo 'a\nb' | { read v; echo "$v"; }; echo 'a\nb' | { read -r v; echo "$v"; }; printf 'no newline' | { read v; echo "$? $v"; }

#: read_options
printf 'abcdef\n' | { read -n 3 a; echo $a; }; printf 'a:b:c' | { IFS=: read -ra p; echo ${#p[@]} ${p[2]}; }; printf 'x,y' | { read -d , v; echo $v; }; printf 'a\0b\0' | while IFS= read -r -d '' s; do echo "<$s>"; done; echo hi | { read; echo "$REPLY"; }; read -t 0.01 v < /dev/null; echo $?; printf 'ab\ncd\n' | { read -N 4 v; echo "$v" | od -An -c; }

#: read_ifs_whitespace
printf '  a  b  \n' | { IFS= read -r l; echo "[$l]"; }; printf 'a::b:\n' | { IFS=: read a b c d; echo "$a|$b|$c|$d"; }; printf 'k=v=w\n' | { IFS='=' read k v; echo "$k,$v"; }

#: read_continuation
printf 'one \\\ntwo\n' | { read v; echo "$v"; }

#: read_csv
printf 'id,name,qty\n1,apple,3\n2,"x",4\n' | { read header; while IFS=, read -r id name qty; do echo "$id:$name:$qty"; done; }

#: read_last_line_without_newline
printf 'a\nb' | while read l || [ -n "$l" ]; do echo "<$l>"; done

#: test_arithmetic_errors
[ abc -eq 1 ] 2>/dev/null; echo $?; [ 1 -eq ] 2>/dev/null; echo $?; [[ abc -eq 0 ]] && echo zero; test; echo $?; [ a b ] 2>/dev/null; echo $?

#: shift_builtin
set -- 1 2 3; shift; echo $*; shift 5; echo $? $*; shift 2; echo $#

#: let_and_expr
expr 2 + 3 \* 4; expr length hello; expr substr hello 2 3; expr hello : 'h\(.*\)o'; expr 5 \> 3; expr 1 - 1; echo $?

#: true_false_colon
true x; echo $?; false x; echo $?; : x; echo $?

#: pwd_and_dirs
cd /; pwd; pwd -L; pwd -P; dirs

#: command_builtin
command -v cd; command echo x; command nosuch 2>/dev/null; echo $?; command -V cd

#: source_missing
#! stderr
source nofile; echo $?

#: exit_forms
(exit); echo $?; false; (exit); echo $?; (exit 256); echo $?; (exit abc) 2>/dev/null; echo $?

#: wait_forms
wait; echo $?; wait 99999 2>/dev/null; echo $?

#: kill_list
kill -l 9; kill -l TERM; kill -0 $$; echo $?; kill 2>/dev/null; echo $?

#: mapfile_callback
mapfile -t a <<< $'x\ny'; printf '<%s>' "${a[@]}"; echo; mapfile a < /dev/null; echo ${#a[@]}

#: getopts_silent
set -- -a -b val -c; while getopts ':ab:' o; do case $o in a) echo a;; b) echo "b=$OPTARG";; '?') echo "unknown $OPTARG";; esac; done; echo $OPTIND

#: getopts_errors
#! stderr
set -- -x; getopts ab o; echo "$o $?"; set -- -b; OPTIND=1; getopts ab: o; echo "$o"

#: type_all
type -a echo | head -1; type -p ls > /dev/null && echo path; type nosuch; echo $?

#: local_and_declare_print
f() { local a=1 b; declare -p a; local; }; f

#: compgen
compgen -W 'apple apricot banana' ap; compgen -v zz_none; echo $?; touch c1 c2; compgen -f c | sort; compgen -A function | wc -l

#: bracket_missing
#! stderr
[ 1 = 1; echo $?

#: sleep_fraction
sleep 0.01; echo $?; sleep 0; echo $?; sleep abc 2>/dev/null; echo $?

#: seq_forms
seq 3; seq 2 4; seq 1 2 7; seq -s, 5; seq -w 8 10; seq 5 -2 1; seq 0.5 0.5 2

#: timeout_codes
timeout 5 true; echo $?; timeout 0.05 sleep 5; echo $?; timeout 1 bash -c 'exit 7'; echo $?

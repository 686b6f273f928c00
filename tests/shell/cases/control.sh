#: if_forms
x=3; if [ $x -gt 5 ]; then echo big; elif [ $x -gt 2 ]; then echo mid; else echo small; fi; if ! false; then echo neg; fi; if false; then :; fi; echo $?

#: while_until
i=0; while ((i<3)); do echo w$i; ((i++)); done; until ((i==0)); do echo u$i; ((i--)); done

#: break_continue_levels
for i in 1 2 3; do for j in a b c; do [ $j = b ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done; echo end

#: case_patterns
for x in apple Banana 42 '' 'a b' x.txt; do case "$x" in [0-9]*) echo number;; a*|b*) echo ab;; [A-Z]*) echo upper;; '') echo empty;; *.txt) echo text;; *) echo other;; esac; done

#: case_fall_through
for x in 1 2 3; do case $x in 1) echo one;& 2) echo two;; 3) echo three;;& *) echo star;; esac; done

#: case_char_classes
for c in a 5 ' ' _ Z; do case $c in [[:digit:]]) echo d;; [[:upper:]]) echo u;; [[:alpha:]]) echo a;; [[:space:]]) echo s;; [!a-z]) echo n;; esac; done

#: for_over_words_and_positional
set -- a 'b c'; for x; do echo "<$x>"; done; for x in; do echo never; done; for f in one two; do echo $f; done

#: and_or_lists
true && echo a || echo b; false && echo c || echo d; false || false || echo e; true && false; echo $?; ! true; echo $?

#: and_or_precedence
false && echo 1 || echo 2 && echo 3; true || echo 4 && echo 5

#: groups_and_subshells
x=1; { x=2; }; echo $x; (x=3; cd /; echo $x); echo $x; (exit 4) || echo "code $?"

#: exit_codes
true; echo $?; false; echo $?; (exit 300); echo $?; (exit -1); echo $?; bash -c 'exit 42'; echo $?

#: test_strings
[ a = a ] && echo 1; [ a != b ] && echo 2; [ -n x ] && echo 3; [ -z '' ] && echo 4; [ a \< b ] && echo 5; [ x ] && echo 6; [ ] || echo 7; [ ! x ] || echo 8; test 1 -eq 01 && echo 9

#: test_files
touch f; mkdir d; ln -s f l; ln -s none dangling; chmod +x f; echo x > g
for t in -e -f -d -L -s -x -r -w; do for p in f d l g none dangling; do [ $t $p ] && printf '%s%s ' $t $p; done; done; echo

#: test_newer
touch -d '2020-01-01' old; touch -d '2021-01-01' new; [ new -nt old ] && echo nt; [ old -ot new ] && echo ot; [ old -nt none ] && echo ntnone; [ f -ef f ] || echo notsame; touch f; [ f -ef f ] && echo same

#: test_combined
[ 1 -lt 2 -a 2 -lt 3 ] && echo and; [ 1 -gt 2 -o 2 -lt 3 ] && echo or; [ ! \( 1 -gt 2 \) ] && echo paren

#: double_bracket
[[ a < b && -n x || -z y ]] && echo 1; [[ ! ( 1 -gt 2 ) ]] && echo 2; v='a b'; [[ $v = 'a b' ]] && echo 3; [[ abc == a?c ]] && echo 4; [[ abc == "a?c" ]] || echo 5; [[ 10 -gt 9 ]] && echo 6; [[ -v PATH ]] && echo 7

#: regex
[[ foo123bar =~ ([a-z]+)([0-9]+)(.*) ]] && echo "${BASH_REMATCH[0]} ${BASH_REMATCH[1]} ${BASH_REMATCH[2]} ${BASH_REMATCH[3]}"; [[ x =~ ^y ]] || echo no; re='^v([0-9]+)\.([0-9]+)$'; [[ v1.22 =~ $re ]] && echo ${BASH_REMATCH[@]:1}; [[ 'a b' =~ a\ b ]] && echo sp; [[ a.b =~ a"."b ]] && echo lit; [[ axb =~ a"."b ]] || echo notlit

#: regex_unicode_and_classes
[[ 'größe' =~ ^[[:alpha:]]+$ ]] && echo alpha; [[ 'a1_' =~ ^[[:alnum:]_]+$ ]] && echo alnum; [[ $'a\tb' =~ [[:space:]] ]] && echo space; [[ 'ÄB' =~ ^[[:upper:]]+$ ]] && echo upper; [[ $'a\nb' =~ a.b ]] && echo dot

#: extglob
shopt -s extglob; case foo.bak in !(*.txt)) echo nottxt;; esac; [[ aaa == +(a) ]] && echo plus; [[ ab == @(ab|cd) ]] && echo at; [[ '' == ?(a) ]] && echo opt; x=xxabc; echo ${x##+(x)}; touch a.c b.h c.o; echo !(*.o)

#: nested_loops_with_pipes
for d in x y; do for n in 1 2; do echo "$d$n"; done; done | while read l; do echo "[$l]"; done | sort -r

#: while_read_ifs
printf 'a:1\nb:2\n' | while IFS=: read k v; do echo "$k=$v"; done

#: variables_after_pipe_loop
n=0; printf '1\n2\n' | while read x; do n=$((n+x)); done; echo $n; shopt -s lastpipe; m=0; printf '1\n2\n' | while read x; do m=$((m+x)); done; echo $m

#: select_menu
PS3='pick: '; printf '2\n' | { select x in apple pear; do echo "got $x $REPLY"; break; done; } 2>/dev/null

#: exit_in_loop_subshell
for i in 1 2 3; do (if [ $i = 2 ]; then exit 5; fi; echo $i) || echo "sub $?"; done

#: null_commands
:; : ignored args; true; if :; then echo ok; fi; while false; do :; done; echo $?

#: set_e_basic
set -e; echo a; false; echo b

#: set_e_exceptions
set -e; if false; then :; fi; false || true; ! true; while false; do :; done; x=$(false) || echo caught; echo reached; false && true; echo still

#: set_e_in_function
set -e; f() { false; echo in; }; if f; then echo ok; fi; f; echo never

#: set_e_substitution
set -e; x=$(false); echo never

#: set_e_subshell
set -e; (false; echo no); echo never

#: set_e_pipeline
set -e; false | true; echo ok; set -o pipefail; false | true; echo never

#: set_e_and_trap
set -e; trap 'echo "exit $?"' EXIT; echo a; false; echo b

#: time_keyword
time true 2>/dev/null; { time echo x; } 2>&1 | grep -c real; TIMEFORMAT=%0R; { time sleep 0; } 2>&1

#: dollar_question_flow
f() { return 7; }; f; echo $?; f || echo "or $?"; if f; then :; else echo "else $?"; fi; ! f; echo $?

#: return_code_of_pipelines
true | false; echo $? ${PIPESTATUS[@]}; false | true | (exit 3); echo "${PIPESTATUS[*]}"; set -o pipefail; (exit 2) | true; echo $?

#: until_with_break
n=0; until false; do ((++n >= 4)) && break; done; echo $n

#: coprocess
coproc cat; echo hello >&${COPROC[1]}; read x <&${COPROC[0]}; echo "got $x"; kill $COPROC_PID 2>/dev/null; wait 2>/dev/null; echo end

#: stages
printf 'b\na\nc\na\n' | sort | uniq -c | sort -rn | awk '{print $2":"$1}'

#: codes
false | true; echo $?; true | false; echo $?; set -o pipefail; false | true; echo $?; (exit 3) | (exit 4) | true; echo $?

#: negation
! true | false; echo $?; ! false; echo $?

#: early_reader_exit
yes | head -3; seq 100000 | head -2; for i in $(seq 5); do echo $i; done | head -1

#: endless_producer
while true; do echo x; done | head -4 | wc -l

#: sigpipe_code
yes | head -1 > /dev/null; echo "${PIPESTATUS[@]}"

#: subshell_variables
x=1; echo y | x=2; echo $x; echo z | read v; echo "[$v]"; echo z | { read v; echo "in $v"; }

#: group_and_functions_in_pipe
f() { while read l; do echo "f:$l"; done; }; { echo a; echo b; } | f | sort -r

#: multi_line_pipe
printf '3\n1\n2\n' |
  sort |
  # a comment between
  tr '\n' ','
echo

#: stderr_not_piped
{ echo e >&2; echo o; } 2>/dev/null | cat; ls nofile 2>&1 | grep -c cannot

#: tee_in_middle
seq 3 | tee f | wc -l; cat f

#: xargs_pipeline
printf 'a b\nc\n' | xargs -n1 echo item; printf 'x\ny\n' | xargs -I{} sh -c 'echo "<{}>"'

#: process_substitution
diff <(printf '1\n2\n') <(printf '1\n3\n'); paste <(seq 3) <(seq 4 6); cat <(echo a) <(echo b); comm -12 <(printf 'a\nb\n') <(printf 'b\nc\n')

#: process_substitution_in_loop
while read a; do echo "<$a>"; done < <(seq 3); mapfile -t m < <(printf 'x\ny\n'); echo ${#m[@]}; n=0; while read _; do ((n++)); done < <(seq 4); echo $n

#: source_process_substitution
source <(echo 'v=1; f() { echo "f $v"; }'); f; . <(echo 'echo sourced $1') arg

#: source_stdin
echo 'echo from stdin' | source /dev/stdin; source /dev/stdin <<< 'w=5'; echo $w; . /dev/stdin <<E
echo here
E

#: bash_from_stdin
echo 'echo hi $1' | bash -s there; bash < <(echo 'echo sub'); printf 'echo a\necho b\n' > s; bash < s; echo 'exit 3' | bash; echo $?

#: script_and_stdin_share
printf 'read x\ndata line\necho "got $x"\n' | bash

#: background_and_wait
sleep 0.05 & p=$!; wait $p; echo $?; (exit 3) & wait $!; echo $?; { sleep 0.02; echo bg; } & wait; echo done

#: background_output_at_end
{ sleep 0.02; echo late; } & echo early; wait

#: parallel_jobs
for i in 3 1 2; do (sleep 0.0$i; echo $i) & done | sort; wait

#: wait_n_and_codes
(exit 1) & a=$!; (exit 2) & b=$!; wait $a; echo $?; wait $b; echo $?; wait; echo $?

#: job_at_script_end
(sleep 0.05; echo finished > f) & echo main; wait; cat f

#: kill_background
sleep 10 & p=$!; kill $p; wait $p 2>/dev/null; echo $?; kill -0 $p 2>/dev/null || echo gone

#: jobs_listing
sleep 1 & jobs | sed 's/ *$//' ; kill %1; wait 2>/dev/null; echo ok

#: pipe_in_background
seq 3 | sort -r > f & wait; cat f

#: dollar_bang
true & [ -n "$!" ] && echo pid; echo ${!:+set}; wait

#: named_pipe
mkfifo p; (echo through > p) & cat p; wait

#: long_pipeline
echo a | cat | cat | cat | cat | cat | cat | cat | cat | tr a b

#: big_data
seq 200000 | sort -rn | tail -1; seq 100000 | wc -c; head -c 1000000 /dev/zero | wc -c; head -c 20000000 /dev/zero | wc -c

#: read_in_pipe_conditions
printf 'y\nn\n' | while read a; do if [ $a = y ]; then echo yes; else echo no; fi; done

#: command_grouping_redirect_pipe
(echo 1; echo 2 >&2) 2>&1 | sort; { echo 3; } | { cat; echo 4; }

#: cat_dash
echo mid | cat <(echo first) - <(echo last)

#: time_of_pipe
{ time (sleep 0.01 | cat); } 2>&1 | grep -c user

#: subshell_pid
(echo $BASHPID) | grep -qv "^$$\$" && echo differs; echo $BASH_SUBSHELL $(echo $BASH_SUBSHELL)

#: out_append_in
echo a > f; echo b >> f; cat < f; wc -l < f; > f; wc -c < f

#: stderr_and_both
{ echo out; echo err >&2; } > o 2> e; cat o e
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } &> both2; sort both2
{ echo o2; echo e2 >&2; } &>> both2; wc -l < both2

#: order_matters
{ echo out; echo err >&2; } 2>&1 > f | sed 's/^/piped: /'; cat f

#: swap_streams
{ echo out; echo err >&2; } 3>&1 1>&2 2>&3 3>&- | sed 's/^/piped: /'

#: swap_streams_of_a_function
f() { echo out; echo err >&2; }
f 3>&1 1>&2 2>&3 2>/dev/null
x=$(f 3>&1 1>&2 2>&3 | cat); echo "[$x]"

#: swap_into_files
{ echo out; echo err >&2; } 3>&1 1>e 2>&3; echo ---; cat e

#: numbered_descriptors
exec 3> f; echo one >&3; echo two >&3; exec 3>&-; cat f
exec 4< f; read a <&4; read b <&4; exec 4<&-; echo "$a-$b"

#: read_and_write_descriptor
printf 'a\nb\nc\n' > f
exec 3<> f; read x <&3; echo "got $x"; echo Z >&3; exec 3>&-; cat f

#: save_and_restore_stdout
exec 3>&1; exec > f; echo hidden; exec >&3 3>&-; echo shown; cat f

#: save_and_restore_stderr
exec 4>&2 2> e; ls nofile; exec 2>&4 4>&-; wc -l < e

#: save_and_restore_stdin
printf 'x\ny\n' > f; exec 5<&0 < f; read a; exec 0<&5 5<&-; echo "$a"; read b || echo eof

#: two_files_in_lockstep
printf '1\n2\n3\n' > a; printf 'x\ny\nz\n' > b
while read -r l <&3 && read -r r <&4; do echo "$l$r"; done 3< a 4< b

#: read_u
printf 'p\nq\n' > a; exec 7< a; while read -u 7 line; do echo "[$line]"; done; exec 7<&-

#: loop_output
for i in 1 2 3; do echo $i; done > f; cat f
while read l; do echo "<$l>"; done < f | tail -1

#: target_exists_while_the_loop_runs
for i in 1 2; do ls; done > out; cat out
{ [ -e out2 ] && echo there; } > out2; cat out2

#: target_is_truncated_first
echo old > f; { cat f; echo new; } > f; cat f

#: partial_output_can_be_read
{ echo a; cat f; echo b; } > f; cat f

#: append_in_a_loop_is_visible
for i in 1 2 3; do echo $i >> f; wc -l < f; done

#: heredoc_to_file
cat > f <<E
line $((1+1))
E
cat f

#: noclobber
set -o noclobber; echo a > f; echo b > f; echo $?; echo c >| f; cat f

#: close_and_use
#! stderr
exec 3>&-; echo x >&3; echo $?

#: missing_directory
#! stderr
echo x > no/such/file; echo $?
cat < nofile; echo $?

#: failing_redirection_skips_command
echo a > no/f && echo yes || echo no; { echo b; } > no/f; echo $?; for i in 1; do echo c; done > no/f; echo $?

#: redirection_before_command
> f echo hello; cat f; < f cat; 2>/dev/null ls nofile; echo $?

#: to_directory
#! stderr
mkdir d; echo x > d; echo $?

#: dev_null_and_streams
echo x > /dev/null; cat /dev/null; echo err > /dev/stderr 2>/dev/null; echo out > /dev/stdout; echo o | cat /dev/stdin

#: dev_fd
echo a > /dev/fd/1; exec 3> f; echo b > /dev/fd/3; exec 3>&-; cat f

#: variable_descriptor
exec {fd}> f; echo via >&$fd; exec {fd}>&-; cat f; [ $fd -ge 10 ] && echo big

#: move_descriptor
exec 3> f; exec 4>&3-; echo m >&4; exec 4>&-; cat f

#: stdin_of_a_group
printf '1\n2\n3\n' > f; { read a; read b; cat; } < f; echo "$a $b"

#: subshell_shares_offset
printf '1\n2\n3\n' > f; { (read x; echo "sub $x"); read y; echo "main $y"; } < f

#: command_reads_rest
printf 'a\nb\nc\n' | { read first; echo "first=$first"; cat; }

#: here_doc_on_descriptor
cat 3<<E <&3
from three
E

#: several_heredocs
cat <<A; cat <<B
one
A
two
B

#: pipe_both
f() { echo out; echo err >&2; }; f |& sort

#: tee_branches
echo x | tee a b > c; cat a b c

#: stderr_to_pipe_only
{ echo out; echo err >&2; } 2>&1 >/dev/null | cat

#: exec_stderr_to_stdout
exec 2>&1; ls nofile; nosuchcommand; echo $?

#: function_with_redirection
log() { echo "$1"; } >> log.txt; log a; log b; cat log.txt

#: case_and_if_redirection
if true; then echo a; else echo b; fi > f; case x in x) echo c;; esac >> f; cat f

#: overwrite_same_file_twice
echo 1 > f > g; wc -c < f; cat g

#: binary_through_files
printf '\x00\x01\xfe\xff' > f; od -An -tx1 < f; cat f | od -An -tx1; x=$(cat f | tr -d '\000' | wc -c); echo $x

#: read_from_closed
read x <&9; echo $?

#: input_from_function
gen() { echo 1; echo 2; }; while read x; do echo "got $x"; done < <(gen)

#: output_to_process
echo hello > >(tr a-z A-Z); wait; sleep 0.05

#: exec_in_subshell_stays_there
(exec > f; echo in); echo out; cat f

#: loop_input_on_another_descriptor
printf '1\n2\n' > a; printf 'x\ny\n' > b
while read -r l <&3; do echo "$l"; cat; done 3< a < /dev/null
while read -r l; do read -r r <&3; echo "$l$r"; done < a 3< b
while read -u 4 l; do echo "<$l>"; done 4< <(seq 2) | sort -r
{ read x <&5; read y; echo "$x$y"; } 5< a < b
for i in 1; do read z <&3; echo $z; done 3< nofile 2>/dev/null; echo $?

#: prefix_errors_of_a_function
f() { echo out; echo err >&2; }
{ f 2>&1 1>&3 | sed 's/^/E: /'; } 3>&1
err=$( { f 1>/dev/null; } 2>&1 ); echo "[$err]"

#: copies_of_descriptors
{ echo a >&3; } 3>&1; { { echo b >&3; } | cat; } 3>&1; { (echo c; echo d >&3) 2>/dev/null; } 3>&1 | sort
{ echo kept >&3; echo dropped; } 3>&1 >/dev/null

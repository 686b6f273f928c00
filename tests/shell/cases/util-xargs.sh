#: basic
printf 'a b\nc\n' | xargs; printf 'a b\nc\n' | xargs -n1; printf 'a b\nc\n' | xargs -n 2 echo x; printf '' | xargs echo none; printf '' | xargs -r echo none; echo rc $?
#: replace
printf 'a b\nc\n' | xargs -I{} echo '[{}]'; printf '1\n2\n' | xargs -I % sh -c 'echo %-%'; printf 'x\ny\n' | xargs -i echo {}.txt; printf '  lead\n\nz\n' | xargs -I@ echo '<@>'
#: null and delimiter
printf 'a b\0c\0' | xargs -0 -n1 echo; printf 'a,b,c' | xargs -d, -n1; printf 'a\nb c\n' | xargs -d '\n' -n1 echo; printf 'a:b' | xargs -d: echo
#: quotes
echo "'a b' \"c d\" e\\ f" | xargs -n1; echo "it's" | xargs; echo rc $?
#: lines
printf 'a b\nc d\ne\n' | xargs -L1 echo; printf 'a b\nc d\ne\n' | xargs -L 2 echo; printf 'a \nb\nc\n' | xargs -L1 echo; printf 'a\nb\n' | xargs -l echo x
#: trace
#! stderr
printf 'a b\n' | xargs -t echo x; printf 'a\nb\n' | xargs -n1 -t echo
#: exit codes
echo a | xargs false; echo $?; echo a | xargs nosuchcommand 2>/dev/null; echo $?; echo a | xargs sh -c 'exit 255' 2>/dev/null; echo $?; echo a b | xargs -n1 sh -c 'exit 3'; echo $?; echo a | xargs true; echo $?; echo a | xargs ./none 2>/dev/null; echo $?; touch noexec; echo a | xargs ./noexec 2>/dev/null; echo $?
#: messages
#! stderr
echo a | xargs sh -c 'exit 255'; echo $?; echo a | xargs nosuch; echo $?; echo "a 'b" | xargs; echo $?; xargs -n 0 </dev/null; echo $?; xargs -Q </dev/null 2>&1 | head -1
#: arg file and parallel
printf '1\n2\n3\n' > f; xargs -a f echo; xargs -a f -n1 -P4 echo | sort; seq 5 | xargs -P 2 -I{} echo n{} | sort; printf 'a\nb\nEND\nc\n' | xargs -E END echo
#: stdin of the command
echo a | xargs sh -c 'cat; echo "$0"'; printf 'x\ny\n' | xargs -n1 sh -c 'read l; echo "[$l]$0"'
#: size and many
seq 1000 | xargs -n 100 | wc -l; seq 20000 | xargs echo | wc -w; printf 'aa bb cc\n' | xargs -s 12 echo; seq 3 | xargs -x -n2 echo


#: expansion_and_quoting
x=v; cat <<E
$x ${x} $(echo s) `echo b` \$x \\ "q" 'q' $((1+1))
E
cat <<'E'
$x $(echo s) \$ "q"
E
cat <<"E"
$x
E
cat <<\E
$x
E

#: tabs
if true; then
	cat <<-E
		indented
	  mixed
	E
fi

#: in_loop_and_pipe
for i in 1 2; do cat <<E
item $i
E
done
cat <<E | tr a-z A-Z | sed 's/^/> /'
upper
E

#: into_variable
x=$(cat <<E
multi
line
E
); echo "$x"

#: with_command_after
cat <<E && echo done || echo failed
text
E

#: in_function
f() { cat <<E
hello $1
E
}; f bob

#: delimiter_like_words
cat <<END_OF-text.1
a
END
END_OF-text.1

#: empty
cat <<E
E
echo end

#: continuation_lines
cat <<E
a \
b
E

#: to_while
while read a b; do echo "$b $a"; done <<E
1 one
2 two
E

#: heredoc_to_read
read -r -d '' text <<E
line one
line two
E
echo "$text"

#: heredoc_and_file
cat - > f <<E
x
E
cat f - <<E
y
E

#: two_on_one_command
cat /dev/fd/3 - 3<<A <<B
three
A
zero
B

#: nested_in_substitution
echo "$(cat <<E
in $(cat <<F
inner
F
)
E
)"

#: generated_script
cat > s.sh <<'E'
#!/bin/bash
for a in "$@"; do
  echo "arg: $a"
done
E
chmod +x s.sh; ./s.sh 1 'two words'

#: with_special_characters
cat <<'E' > f
a|b & c; d "e" 'f' `g` $h \i *?[x] #j
E
cat f; wc -c < f

#: unterminated
cat <<E
text without end

#: sed_script
printf 'a=1\nb=2\n' > f; sed -f - f <<'E'
s/a=.*/a=9/
/^b/d
E

#: here_string
cat <<< "a b"; read x y <<< "1 2"; echo $y; tr a-z A-Z <<< hi; cat <<< ''; v=$'l1\nl2'; wc -l <<< "$v"

#: heredoc_with_arithmetic_and_arrays
a=(x y z); declare -A m=([k]=v)
cat <<E
${a[1]} ${#a[@]} ${a[*]} ${m[k]} $((${#a[@]}*2))
E

#: single_double_backslash
echo 'a $b `c` \d' "a \$b \`c\` \\d \e" a\ \ b \$x

#: mixed
x=v; echo "a'$x'b" 'a"$x"b' a"b"'c'$x

#: empty_arguments
f() { echo $#; }; f '' "" a ''; x=; f $x; f "$x"

#: dollar_at_end
echo "a$" $ a$ "$"

#: newline_in_quotes
echo "a
b"; echo 'c
d'

#: quotes_in_expansion_are_literal
v="'a b'"; set -- $v; echo $# "$1"; w='"x"'; echo $w

#: eval_requotes
v='a b'; eval "set -- '$v' $v"; echo $#
q=$(printf %q "it's \$5 & more"); eval "echo $q"

#: printf_q
printf '%q\n' 'a b' "it's" '' 'x;y' '$v' plain 'tab	x'
printf '%q ' $'new\nline' 'ä' '~' '#c' 'a#c'; echo

#: exclamation
echo "hi!" 'a!b' !

#: backslashes_in_double_quotes
echo "\\" "\n" "\"" "\a"

#: backslashes_and_echo_e
echo -e 'a\nb\x41\0101\c ignored'; echo; echo -E 'a\nb'; echo -n x; echo -ne 'y\n'; echo -en '\\n'; echo

#: comment_and_hash
echo a#b #c
echo "#d" \#e

#: glob_in_quotes
touch a1 a2; echo "a*" 'a?' a\* a*

#: nested_quotes_in_substitution
echo "$(echo "a b" 'c "d"')" "${x:-"$(echo "deep $(echo "er")")"}"

#: here_string_quotes
v='a  b'; cat <<< $v; cat <<< "$v"; cat <<< 'x
y'

#: case_quotes
x='a*'; case 'abc' in "$x") echo literal;; $x) echo pattern;; esac

#: test_quotes
x='a b'; [ "$x" = 'a b' ] && echo same; [[ $x == 'a b' ]] && echo same2; [[ $x = a* ]] && echo pat; [[ $x = "a*" ]] || echo lit

#: double_dash_and_dashes
echo -- -n; echo - a; printf -- '-%s\n' x

#: unterminated_single
#! stderr
echo 'abc

#: unterminated_double
echo "abc

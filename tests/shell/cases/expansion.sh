#: default_values
unset u; e=; v=val
echo "${u-a} ${u:-b} ${e-c} ${e:-d} ${v-e} ${v:-f}"
echo "${u+a}|${u:+b}|${e+c}|${e:+d}|${v+e}|${v:+f}"
echo "${u=new} $u ${e:=filled} $e"

#: unset_with_message
#! stderr
(echo "${nope:?is not set}"; echo not here)
echo "code $?"
(echo "${nope?no such thing}")
echo "code $?"

#: unset_with_message_ends_the_script
echo a
echo "${nope:?gone}"
echo b

#: substring
s=abcdefgh
echo "${s:2}" "${s:2:3}" "${s: -3}" "${s: -3:2}" "${s:1:-2}" "${s:0:0}|"
n=1; echo "${s:n:n+2}" "${s:$((n+1)):2}"

#: substring_of_positional
set -- a b c d e
echo "${@:2:2}" / "${@:4}" / "${@: -2}" / "${*:1:2}"

#: prefix_and_suffix
p=/usr/local/lib/libx.so.1.2
echo "${p##*/}" "${p%/*}" "${p#*/}" "${p%%.*}" "${p%.*}"
x='a*b*c'; echo "${x#a\*}" "${x%'*c'}"

#: replace
s='one two one two'
echo "${s/one/1}" "${s//one/1}" "${s/#one/1}" "${s/%two/2}" "${s//o}" "${s/ */}"
a='/a/b/c'; echo "${a//\//-}"
echo "${s//[aeiou]/_}"

#: replace_with_ampersand
s=foo; echo "${s/o/[\&]}" "${s//o/x}"

#: case_of_letters
s='hello World'; echo "${s^}" "${s^^}" "${s,,}" "${s^^[lo]}" "${s~~}"
t=ABC; echo "${t,}" "${t,,}"

#: length
s=hello; set -- a bb ccc; a=(x yy zzz)
echo ${#s} ${#} ${#@} ${#a[@]} ${#a[2]} ${#2}

#: indirect
a=b; b=c; c=d
echo ${!a} "${!a:-x}"
n=HOME2; HOME2=/x; echo "${!n}" "${!n#/}"

#: names_by_prefix
zz_one=1; zz_two=2; zz_three=3
echo ${!zz_*} "${!zz_@}"

#: transformations
s="a b'c"; echo "${s@Q}"
t='x\ty'; echo "${t@E}"
u=abc; echo "${u@U}" "${u@u}" ; v=ABC; echo "${v@L}"
declare -r q=1; echo "${q@a}"
declare -A m; echo "${m@a}"

#: arithmetic_expansion
i=5; echo $((i * 2)) $(( i++ + ++i )) $i $(( i > 3 ? 10 : 20 )) $((0x1f)) $((017)) $((2#1011)) $((36#z))

#: command_substitution
x=$(printf 'a\n\n\n'); echo "[$x]"
y=`echo \`echo nested\``; echo "$y"
echo "$(echo "a  b" | tr a-z A-Z)"

#: command_substitution_keeps_code
x=$(exit 3); echo $?
local_test() { local y=$(exit 4); echo $?; }; local_test

#: read_file_in_substitution
printf 'l1\nl2\n' > f; x=$(<f); echo "$x"; echo "$(< f)"

#: word_splitting
v='  a   b  c '; set -- $v; echo $# "$1" "$3"
IFS=:; p='a::b:'; set -- $p; echo $# "$2|"; unset IFS
IFS=' :'; q=' a : b:c '; set -- $q; echo $# "$1" "$2" "$3"

#: quoted_is_not_split
v='a  b'; set -- "$v" $v; echo $#
empty=; set -- $empty "$empty" x; echo $#

#: at_and_star
set -- 'a b' c
for x in "$@"; do echo "<$x>"; done
for x in "$*"; do echo "<$x>"; done
for x in $@; do echo "<$x>"; done
IFS=-; echo "$*" $*

#: prefix_of_quoted_at
set -- 1 2 3; printf '<%s>' "a$@b"; echo
set --; printf '<%s>' "a$@b"; echo; printf '<%s>' "$@"; echo

#: tilde
HOME=/h; echo ~ ~/x "~" a~ x=~ ; v=~/b; echo $v; PATHX=~/a:~/b; echo $PATHX

#: braces
echo {a,b,c} x{1,2}y {1..5} {5..1} {a..e} {01..10} {1..10..3} {10..1..4} {a,b{1,2},c}
echo {a,b}{c,d} pre{,x,y} {} {a} a{b,c "{x,y}" {x,'y z'}

#: brace_negative_and_padded
echo {-2..2} {-05..5..5} {001..3} {z..w..2}

#: brace_in_assignment_is_literal
v={a,b}; echo $v

#: big_range
echo {1..20000} | wc -w
s=0; for i in {1..12000}; do s=$((s+i)); done; echo $s

#: special_parameters
set -- a b; echo $# $0 "$-" | sed 's/[a-z]*B[a-z]*/opts/;s/hBc/opts/'
true; echo $?; false; echo $?

#: last_argument
echo a b c >/dev/null; echo $_
: x y; echo "$_"

#: unset_array_element_default
a=(1 '' 3); echo "${a[1]:-e}" "${a[5]:-none}" "${a[1]-set}"

#: nested_defaults
echo "${a:-${b:-${c:-deep}}}" "${a:-"quoted word"}" ${a:-two words}

#: pattern_from_variable
p='*.txt'; f=a.txt; echo "${f%.txt}" "${f##$p}" "${f##"$p"}"

#: ansi_c_quoting
echo $'a\tb\x41\u00e9\e[0m' | od -An -c | head -3
echo $'it\'s' $'\101' $'a\\b'

#: locale_quoting
echo $"hello"

#: expansion_order
v=1; v=2 eval 'echo $v'; echo $v
a=x; b='$a'; echo $b; eval echo $b

#: unicode_length
s='äöü€😀'; echo ${#s} ${s:1:2} ${s^^} ${s%😀}

#: slash_in_pattern_variable
pat='a/b'; s='x a/b y'; echo "${s/$pat/c}" "${s/"$pat"/d}"

#: substitution_in_heredoc_and_arith
x=3; cat <<E
$((x+1)) $(echo c) ${x/3/three}
E

#: assignment_does_not_split
v='a   b'; w=$v; echo "$w"; x=$(echo 'c   d'); echo "$x"

#: append_assignment
s=a; s+=b; s+="c d"; echo "$s"; declare -i n=1; n+=4; echo $n

#: backslash_newline
echo a\
b "c\
d"

#: quoted_default_in_quotes
unset x; echo "${x:-"a b"}" "${x:-'q'}" ${x:-'q r'}

#: parameter_in_arith_index
a=(10 20 30); i=1; echo ${a[i]} ${a[i+1]} ${a[$i-1]} ${a[-1]} ${a[${#a[@]}-1]}

#: nested_array_elements
a=(1 '2  3'); u=; d=1; e=x
echo "${u:-${a[1]}}" "${d:+x${a[1]}y}" "${u:-"${a[1]}"}" "${a[7]:-${a[0]}}"
x=${u:-${a[1]}}; echo "$x"; echo "${u:-${a[*]}}" "${u:-${#a[@]}}" "${u:-${e:0:1}}"
echo "${a[1]#${a[0]}}" "${a[1]%"${a[1]}"}|"

#: nested_in_replacement
s=axbxc; p=x; r='q r'; a=(x y); declare -A m=([k]=v)
echo "${s/${p}/${r}}" "${s//${p}/${a[1]}}" "${s//"$p"/"${m[k]}"}" "${s/x/${m[k]}}" "${s/$(echo x)/-}"
t=${s//${p}/"$r"}; echo "$t"; echo "${s/ /_}" "${r// /${p}}" "${s//x/\\}" "${s/%c/\/}"

#: percent_and_hash_in_replacement
s='a%b#c%d'; echo ${s//%/x} "${s//#/y}" "${s//%}" "${s/\%/z}" "${s//%/\\x}"

#: substitution_in_default
x='a  b'; f() { echo "$#:$1"; }
echo "${u:-$(f "$x" z)}" "${x:+$(f "a  b")}"; y=${u:-$(f "$x")}; echo "$y"; echo "${u:-`f "$x" z`}"
echo "${u:-${v:-$(f "$x" z)}}"; : "${w:=$(f "$x")}"; echo "$w"; cat <<E
${u:-$(f "$x" z)}
E

#: keys_of_several_parts
declare -A m; k=a; n=2; m[a-2]=1; m[a.x]=2; m["a b"]=3; m[x/a]=4; m[a,2]=5
echo "${m[$k-$n]}" "${m["$k-2"]}" "${m[$k.x]}" "${m["$k b"]}" "${m[x/$k]}" "${m[$k,$n]}" ${m[${k}-2]}
i=1; a=(5 6 7); echo "${a[$i-1]}" "${a[$i+1]}" "${a[i]}"

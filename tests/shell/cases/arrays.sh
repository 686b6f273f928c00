#: basics
a=(one two three); echo "${a[0]}" "${a[2]}" ${#a[@]} "${a[@]}" "${!a[@]}"; a[5]=six; echo ${!a[@]} ${#a[@]}

#: append_and_unset
a=(1 2); a+=(3 4); unset 'a[1]'; echo "${a[@]}" "${!a[@]}"; unset a; echo "${#a[@]}"

#: slices
a=(a b c d e); echo "${a[@]:1:3}" / "${a[@]: -2}" / "${a[@]:3}" / "${a[*]:0:2}"

#: quoted_elements
a=('x y' z); for i in "${a[@]}"; do echo "<$i>"; done; for i in ${a[@]}; do echo "($i)"; done; IFS=,; echo "${a[*]}"

#: copies
a=(1 '2 3' 4); b=("${a[@]}"); echo ${#b[@]} "${b[1]}"; c=(${a[@]}); echo ${#c[@]}

#: operations_on_all
a=(foo.txt bar.txt); echo "${a[@]%.txt}" "${a[@]/o/0}" "${a[@]^^}" "${a[@]#f}" "${a[@]/%/!}" "${a[@]/#/-}"

#: from_command
a=($(printf 'x\ny\nz\n')); echo ${#a[@]}; mapfile -t b < <(printf 'p q\nr\n'); echo ${#b[@]} "${b[0]}"

#: from_glob
touch a.c b.c; f=(*.c); echo ${#f[@]} "${f[@]}"

#: index_expressions
a=(0 1 2 3); i=2; a[i]=x; a[i+1]=y; a[$((i-1))]=w; echo "${a[@]}"; echo ${a[a[0]]}

#: explicit_indices
a=([3]=c [1]=a b); echo "${!a[@]}" "${a[@]}"; declare -p a

#: associative
declare -A m=([one]=1 [two]=2); m[three]=3; m['a b']=4
for k in $(printf '%s\n' "${!m[@]}" | tr ' ' _ | sort); do echo $k; done; echo ${#m[@]} "${m[a b]}"
unset 'm[one]'; echo ${#m[@]}; [[ -v m[two] ]] && echo has; [[ -v m[zz] ]] || echo hasnot

#: associative_count_words
declare -A n; for w in a b a c b a; do ((n[$w]++)); done; for k in a b c; do echo "$k=${n[$k]}"; done

#: associative_keys_with_variables
declare -A m; k='x.y/z'; m[$k]=v; m["$k-2"]=w; echo "${m[$k]}" "${m["$k-2"]}"; m[$k]+=more; echo "${m[$k]}"

#: declare_p
a=(1 'two words' "it's"); declare -p a; declare -A m=([k]='v w'); declare -p m; s='a"b'; declare -p s; declare -i n=3; declare -p n; export E=1; declare -p E

#: negative_index
a=(1 2 3); echo ${a[-1]} ${a[-3]}; a[-1]=z; echo ${a[@]}

#: local_arrays
f() { local a=(x y); a+=(z); echo "${a[@]}"; }; a=(1); f; echo "${a[@]}"

#: pass_by_name
f() { local -n ref=$1; ref+=(new); echo ${#ref[@]}; }; arr=(a b); f arr; echo "${arr[@]}"

#: pass_values
f() { local items=("$@"); echo "${#items[@]}: ${items[*]}"; }; a=('p q' r); f "${a[@]}"

#: scalar_is_element_zero
s=x; echo ${s[0]} ${#s[@]}; a=(1 2); echo $a ${a}; a=9; echo "${a[@]}"

#: loop_over_indices
a=([2]=b [7]=g); for i in "${!a[@]}"; do echo "$i:${a[i]}"; done

#: sort_array
a=(pear apple fig); IFS=$'\n' s=($(sort <<<"${a[*]}")); unset IFS; echo "${s[@]}"

#: join_and_split
a=(a b c); printf -v j '%s,' "${a[@]}"; echo "${j%,}"; IFS=, read -ra p <<< "x,y,,z"; echo ${#p[@]} "${p[2]}|${p[3]}"

#: stack_and_queue
q=(1 2 3); q=("${q[@]:1}"); echo "${q[@]}"; q+=(4); unset 'q[-1]'; echo "${q[@]}"

#: contains
a=(x 'y z' w); case " ${a[*]} " in *' w '*) echo yes;; esac; [[ ${a[*]} =~ y ]] && echo re

#: empty_array_with_nounset
set -u; a=(); echo "${#a[@]}" "${a[@]}"; for x in "${a[@]}"; do echo no; done; echo ok

#: mapfile_options
printf 'a\nb\nc\nd\n' > f; mapfile -t -n 2 x < f; echo "${x[@]}"; mapfile -t -s 2 y < f; echo "${y[@]}"; mapfile -t -O 5 z < f; echo "${!z[@]}"
mapfile -d : -t w < <(printf 'p:q:r'); echo "${#w[@]} ${w[2]}"; readarray v < f; printf '%s' "${v[@]}"

#: array_in_arithmetic
a=(3 4); echo $((a[0]*a[1])) $((a[1]++)) ${a[1]}; ((a[2]=7)); echo ${a[2]}

#: readonly_array
readonly -a r=(1 2); r[0]=x; echo "not reached"

#: assignment_with_subscript_and_append
a[3]=x; a[3]+=y; echo ${a[3]} ${#a[@]}; declare -a b; b+=(q); echo ${b[0]}

#: unset_whole_and_test
a=(1); [[ -v a ]] && echo set; unset a; [[ -v a ]] || echo unset; b=([1]=x); [[ -v b ]] || echo no0; [[ -v b[1] ]] && echo b1

#: at_Q
a=('a b' "c'd"); echo "${a[@]@Q}"

#: at_A_and_K
declare -A m=([x]=1); echo "${m[@]@K}"; v=3; echo "${v@A}"

#: arrays_are_not_exported
export a=(1 2); bash -c 'echo "[${a[0]}]"'

#: star_in_subscript_assignment
declare -A m; m[*]=star; echo "${m[*]}"

#: multi_line_array
a=(
  first   # comment
  "second one"
  third
); printf '%s\n' "${a[@]}"

#: cmp
printf 'a\nb\n' > x; printf 'a\nc\n' > y; cmp x y >/dev/null; echo $?; cmp x x; echo $?; cmp -s x y; echo $?; printf 'a\nb\nc\n' > z; cmp x z; echo $?; cmp -l x y; cmp -b x y; cmp -n 2 x y; echo $?; cmp -i 2 x z; cmp x missing; echo $?
#: comm
printf 'a\nb\nc\n' > x; printf 'b\nc\nd\n' > y; comm x y; comm -12 x y; comm -23 x y; comm -13 x y; comm -3 x y; comm --output-delimiter=, x y; printf 'b\na\n' > u; comm --nocheck-order u x; comm --total x y; echo b | comm -12 x -

#: cmp says where
#! stderr
printf 'a\nb\n' > x; printf 'a\nc\n' > y; cmp x y; printf 'a\nb\nc\n' > z; cmp x z; cmp z x; cmp x missing; echo a | cmp - x; : > e; cmp e x; cmp -lb x y; cmp -l x z

#: comm of what is not sorted
printf 'b\na\n' > u; printf 'a\nb\n' > x; comm u x; echo $?


#: cmp
#! stderr
printf 'a\nb\n' > x; printf 'a\nc\n' > y; cmp x y; echo $?; cmp x x; echo $?; cmp -s x y; echo $?; printf 'a\nb\nc\n' > z; cmp x z; echo $?; cmp -l x y; cmp -b x y; cmp -n 2 x y; echo $?; cmp -i 2 x z; cmp x missing; echo $?; echo a | cmp - x; : > e; cmp e x; cmp -lb x y
#: comm
#! stderr
printf 'a\nb\nc\n' > x; printf 'b\nc\nd\n' > y; comm x y; comm -12 x y; comm -23 x y; comm -13 x y; comm -3 x y; comm --output-delimiter=, x y; printf 'b\na\n' > u; comm u x; echo $?; comm --nocheck-order u x; comm --total x y; echo b | comm -12 x -


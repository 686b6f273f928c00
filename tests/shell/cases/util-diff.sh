#: normal
printf 'a\nb\nc\n' > x; printf 'a\nB\nc\nd\n' > y; diff x y; echo $?; diff x x; echo $?; diff y x
#: unified
seq 20 > x; sed 's/^5$/five/; 15d' x > y; touch -d 2020-01-01 x y; diff -u x y; echo $?; diff -U1 x y; diff -U 0 x y; diff --unified=2 x y | head -5
#: labels
printf 'a\n' > x; printf 'b\n' > y; diff -u --label one --label two x y; diff -u -L one x y | head -1; diff -c --label 1 --label 2 x y
#: context
seq 12 > x; sed '3d; s/^9$/nine/; $a new' x > y; touch -d 2020-01-01 x y; diff -c x y; diff -C1 x y; diff -C 0 x y
#: no newline
printf 'a\nb' > x; printf 'a\nb\n' > y; printf 'a\nc' > z; diff x y; diff -u --label x --label y x y; diff -u --label x --label z x z; diff x z; diff -c --label x --label y x y
#: brief and same
printf 'a\n' > x; cp x y; printf 'b\n' > z; diff -q x z; echo $?; diff -s x y; echo $?; diff -q x y; diff -qs x y
#: blanks
printf 'a  b\nc\n\n' > x; printf 'a b \nc\n' > y; diff -b x y; diff -w x y; diff -B x y; diff -bB x y; echo $?; diff -Z x y; diff -E x y
#: case
printf 'A\nb\n' > x; printf 'a\nB\n' > y; diff -i x y; echo $?; diff -I '^[bB]' x y; printf '#1\nx\n' > p; printf '#2\nx\n' > q; diff -I '^#' p q; echo $?
#: recursive
mkdir -p a/s b/s; echo 1 > a/f; echo 2 > b/f; echo x > a/only; echo y > b/s/new; cp a/f a/s/same; cp a/f b/s/same; diff -r a b; echo $?; diff -rq a b; diff -rs a b | tail -3
#: recursive new files
mkdir a b; echo 1 > a/f; echo 2 > b/g; touch -d 2020-01-01 a/f b/g; diff -rN a b; diff -ruN a b | grep -v '^[-+][-+]'; mkdir a/d b/e; diff -r a b; diff -rN a b | head -2
#: stdin and missing
#! stderr
echo a > x; echo b | diff x -; echo $?; diff x missing; echo $?; diff -N x missing; echo $?; diff x; echo $?; mkdir d; echo c > d/x; diff x d; diff d x
#: side by side
printf 'a\nb\nc\n' > x; printf 'a\nB\nc\nd\n' > y; diff -y x y; echo $?; diff -y -W 30 x y; diff -y --suppress-common-lines x y; diff -y --left-column x y; printf 'long line of text that goes on and on\n' > l; diff -y -W 20 l x
#: ed and others
printf 'a\nb\nc\n' > x; printf 'a\nB\nd\n' > y; diff -e x y; diff -f x y; diff -n x y; diff --normal x y
#: insertion at ends
seq 5 > x; (echo 0; seq 5; echo 6) > y; diff x y; diff -u --label x --label y x y; : > e; diff e x; diff -u --label e --label x e x; diff -u --label x --label e x e
#: moved block
printf 'a\nb\nc\nd\ne\nf\n' > x; printf 'd\ne\nf\na\nb\nc\n' > y; diff x y
#: repeated lines
printf 'x\n{\n1\n}\n\nx\n{\n2\n}\n' > a; printf 'x\n{\n1\n}\n\ny\n{\n3\n}\n\nx\n{\n2\n}\n' > b; diff a b; diff -u --label a --label b a b
#: functions with braces
printf 'int a() {\n  return 1;\n}\n\nint b() {\n  return 2;\n}\n' > a; printf 'int a() {\n  return 1;\n}\n\nint c() {\n  return 3;\n}\n\nint b() {\n  return 2;\n}\n' > b; diff a b; diff -u --label a --label b a b; diff -d a b
#: function names
printf 'f() {\n1\n2\n3\n4\n5\n6\n7\n}\n' > a; sed 's/^6$/six/' a > b; diff -p -u --label a --label b a b; diff -F '^f' -u --label a --label b a b
#: binary
printf 'a\0b' > x; printf 'a\0c' > y; diff x y; echo $?; diff -a x y | head -1; diff -q x y
#: exclude
mkdir a b; echo 1 > a/x.o; echo 2 > b/x.o; echo 1 > a/y; echo 2 > b/y; diff -r -x '*.o' a b; diff -rq --exclude='y' a b; diff --strip-trailing-cr a/y b/y; diff --color=never a/y b/y
#: many edits
seq 100 > x; awk 'NR%7==0{print "n" NR; next} NR%11==0{next} {print} NR%13==0{print "ins"}' x > y; diff x y; diff -u --label x --label y x y


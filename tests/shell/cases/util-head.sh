#: messages
#! stderr
printf '1\n2\n3\n' > f; mkdir d; head nope; echo $?; head f nope; echo $?; head nope f; echo $?; head -n x f; echo $?; head -c x f; echo $?; head -Z f; echo $?; head -n 1 f -Z; echo $?; tail nope; echo $?; tail nope f; echo $?; tail -n x f; echo $?; tail -c x f; echo $?; tail -Z f; echo $?; head -n; echo $?; tail -n; echo $?
#: directories
#! stderr
mkdir d; printf 'x\n' > f; head d; echo $?; head f d; echo $?; tail d; echo $?
#: counts
seq 30 > f; head -n -25 f; head -n 0 f; head -n 100 f | wc -l; head -n1 f; head --lines=2 f; head --bytes=4 f; head -c 3 f; head -c 1K f | wc -c; head -c -70 f; tail -n +28 f; tail -n 0 f; tail -n1 f; tail --lines=2 f; tail --bytes=4 f; tail -c +75 f; tail -c 3 f; tail -n -2 f; tail +29 f; head -5 f | tail -2; tail -n +2 f | head -1; head -n 2 < f; cat f | tail -n 1; printf 'a\nb' | head -n 1; printf 'a\nb' | tail -n 1; echo; printf 'x\0y\0z\0' | tail -z -n 1 | tr '\0' '|'
#: several files
printf '1\n2\n' > a; printf '3\n4\n' > b; head -n 1 a b; tail -n 1 a b; head -qn 1 a b; tail -qn 1 a b; head -vn 1 a; tail -vn 1 a; echo in | head -n 1 - a; head -n 1 a - <<< in; head -q -c 1 a b

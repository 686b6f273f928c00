#: formats
printf 12345 > f; chmod 644 f; touch -d '2021-02-03 04:05:06' f; stat -c '%n %s %a %A %F %Y %y %U' f | sed 's/ [^ ]*$//'; stat -c %f f; stat -c '%04a|%10s|%-10s|' f; stat --format='%s' f; stat --printf='%n\t%s\n' f
#: kinds
mkdir d; touch e; ln -s e l; stat -c '%F' d e l; stat -L -c %F l; stat -c %N e l; printf x > x; stat -c %F x; stat -c '%A %a' d l
#: missing
#! stderr
stat missing; echo $?; stat; echo $?
#: time formats
touch -d '2021-02-03 04:05:06' f; stat -c '%y|%Y|%.3Y|%.Y' f; stat -c '%%|%x' f | cut -c1-3
#: several
printf 1 > a; printf 22 > b; stat -c '%s %n' a b none; echo $?
#: default output
printf 12345 > f; stat f | head -2 | sed 's/Blocks.*IO/IO/'; stat f | grep -c .; stat f | grep -o 'regular file'; stat f | grep -o '(0644/-rw-r--r--)'
#: terse links
touch a; ln a b 2>/dev/null; stat -c %h d 2>/dev/null; echo $?; mkdir d; stat -c '%d' d | grep -c '[0-9]'; stat -f -c %T . >/dev/null; echo $?


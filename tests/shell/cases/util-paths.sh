#: realpath
mkdir -p a/b; ln -s a/b l; touch a/b/f; realpath --relative-to=a a/b/f; realpath --relative-base=a a/b missing 2>&1 | grep -c .; realpath -e missing; echo $?; realpath -m x/y/z --relative-to=.; realpath -s --relative-to=. l; true
#: readlink
mkdir a; touch a/f; ln -s a l; ln -s none m; readlink l; readlink a; echo $?; readlink -f l/f | sed 's,.*/,,'; readlink -f m | sed 's,.*/,,'; readlink -e m; echo $?; readlink -n l; echo; readlink -m x/y | sed 's,.*x/,x/,'; readlink l m; readlink -f none/x; echo $?
#: basename dirname
basename a/b.txt; basename a/b.txt .txt; basename -s .c x/a.c y/b.c; basename -a a/x b/y; basename /; basename a/; basename .txt .txt; dirname a/b/c; dirname a; dirname /a; dirname a/b/ c/d; dirname /; dirname a//b; basename -z a | tr '\0' '|'; basename; echo $?
#: mktemp
d=$(mktemp -d); test -d "$d"; echo $?; f=$(mktemp); test -f "$f"; echo $?; f=$(mktemp fooXXXXXX); [ ${#f} = 9 ]; echo $?; mktemp -u x.XXXX | wc -c; mktemp bad; echo $?; mktemp -p . tXXX >/dev/null; ls | grep -c '^t...$'; f=$(mktemp --suffix=.txt aXXXX); echo ${f##*.}; true
#: pathchk and pwd
mkdir -p a/b; ln -s a/b l; cd l; pwd | sed 's,.*/,,'; pwd -P | sed 's,.*/,,'; cd ..; pwd | sed 's,.*/,,' | grep -c .

#: realpath of what is not there
realpath missing/x; echo $?

#: realpath through a link
mkdir -p a/b; ln -s a/b l; touch a/b/f; realpath --relative-to=. l/f


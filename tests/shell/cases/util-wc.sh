#: columns
printf 'a b\nc\n' > f; printf 'one two three\n' > g; wc f; wc -l f; wc -w f; wc -c f; wc -m f; wc -L f; wc -lw f; wc -cl f; wc -lwmcL f; wc f g; wc -l f g; wc -L f g; wc --lines --words f; wc --bytes f; wc --chars f; wc --max-line-length g
#: from a pipe
printf 'a b\nc\n' | wc; printf 'a b\nc\n' | wc -l; printf 'a b\nc\n' | wc -lw; printf 'a b\nc\n' | wc -; printf 'x' | wc - -l; cat /dev/null | wc; echo "lines: $(printf 'a\nb\n' | wc -l)"; n=$(printf 'a\nb' | wc -l); echo "[$n]"; printf '' | wc -c
#: redirected
printf 'a b\nc\n' > f; wc -l < f; wc -c < f; wc -w < f; while read -r x; do echo "$x" | wc -c; done < f; wc -l <<< 'x'; wc -c << X
abc
X
#: missing files
#! stderr
printf 'a\n' > f; printf 'b\nc\n' > g; wc nope; echo $?; wc -l f nope; echo $?; wc nope f; echo $?; wc f nope g; echo $?; mkdir d; wc d; echo $?; wc -l f d; echo $?; wc -l 'no pe'; wc -Z f; echo $?; wc --nope f; echo $?
#: wide numbers
seq 1000 > a; seq 5 > b; head -c 123456 /dev/zero > c; wc a b; wc -l a b; wc -c a b c; wc c; wc -l *; wc -l a b | tail -1; wc -l a b | awk '{print $1}'
#: characters
printf 'h\303\251llo w\303\266rld\n' > f; wc -c f; wc -m f; wc -w f; wc -L f; printf 'a\tb\n' | wc -L; printf 'a\rbcd\n' | wc -L; printf 'x y\tz\vq\fr\n' | wc -w; printf '\344\270\255\346\226\207\n' | wc -L; printf '\377\376 a\n' > bad; wc -c bad; wc -m bad; printf '  lead\n\n trail  \n' | wc
#: list of files
printf 'a\n' > x; printf 'b\nc\n' > y; printf 'x\0y\0' > list; wc -l --files0-from=list; printf 'x\0' | wc -l --files0-from=-; find . -name '[xy]' -print0 | sort -z | wc -l --files0-from=- | tail -1; wc -l -- x y; wc x -l; for f in x y; do wc -l "$f"; done; ls | wc -l

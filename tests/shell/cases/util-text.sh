#: join
printf '1 a\n2 b\n3 c\n' > x; printf '1 X\n3 Z\n4 W\n' > y; join x y; join -a1 x y; join -v2 x y; join -a1 -a2 -e - -o 0,1.2,2.2 x y; printf 'a,1\nb,2\n' > p; printf '1,q\n2,r\n' > q; join -t, -1 2 -2 1 p q; join -i x y | wc -l; join -o auto -a1 -e NA x y; join --header x y; join -j 1 x y
#: paste
printf 'a\nb\nc\n' > x; printf '1\n2\n' > y; paste x y; paste -d, x y; paste -s x; paste -sd, x; paste -d ',;' x y x; cat x | paste - -; paste -d '\n' x y; paste -s -d '+\n' x; seq 6 | paste - - - -d' '; paste x missing; echo $?
#: column
printf 'a bb c\ndddd e f\n' | column -t; printf 'a,b\nccc,d\n' | column -t -s,; printf 'a:b\nc:d\n' | column -s: -t -o ' | '; printf 'a,,c\n' | column -t -s,
#: nl
printf 'a\n\nb\n' > f; nl f; nl -ba f; nl -s: -w3 f; nl -nrz -w4 -ba f; nl -nln f; nl -v10 -i5 f; nl -b p^a f; cat f | nl; nl -bn f
#: fold fmt
echo 'the quick brown fox jumps over the lazy dog' > f; fold -w 10 f; fold -s -w 10 f; fold -b -w 5 f | head -2; printf 'a\nb\nc\n\nd e\nf\n' | fmt; printf '  indented text here that is long enough to wrap around\n' | fmt -w 30; printf 'aaa bbb ccc ddd eee fff ggg hhh iii jjj kkk lll mmm nnn ooo ppp qqq rrr sss ttt uuu vvv www\n' | fmt
#: expand unexpand tac rev
printf 'a\tb\n\tc\n' | expand; printf 'a\tb\n' | expand -t4; printf '        a       b\n' | unexpand; printf '        a       b\n' | unexpand -a; printf '    a\n' | unexpand -t4; printf '1\n2\n3\n' | tac; printf '1,2,3' | tac -s,; printf 'abc\nde f\n' | rev; printf 'a\tb\tc\n' | expand -t 2,6; printf '\ta\tb\n' | expand -i; printf 'x\ny' | tac
#: shuf
seq 10 | shuf | sort -n | paste -sd,; shuf -e a b c | sort | paste -sd,; shuf -i 1-5 | sort -n | paste -sd' '; shuf -n 2 -i 1-9 | wc -l; shuf -i 3-3; seq 100 | shuf -n 0; shuf -r -n 5 -e x | paste -sd,
#: sort
printf '10 b\n9 a\n2 c\n10 a\n' > f; sort f; sort -n f; sort -k2 f; sort -k2,2 -k1,1n f; sort -rn f; sort -k1,1n -k2,2r f; sort -u f; printf '1K\n2M\n512\n1G\n' | sort -h; printf 'v1.10\nv1.9\nv1.2\n' | sort -V; printf 'b,2\na,10\n' | sort -t, -k2n; sort -c f; echo $?; printf 'B\na\nC\n' | sort -f; printf 'a\nb\n' > x; printf 'a\nc\n' > y; sort -m x y; printf 'Feb\nJan\nDec\n' | sort -M; printf '3\n1\n' | sort -o f; printf ' b\na\n' | sort -b; printf 'b\0a\0' | sort -z | tr '\0' '|'; printf '1e3\n5\n-2\n' | sort -g; printf 'a 1\nb 1\na 0\n' | sort -s -k1,1; printf 'x-b\nxa\n' | sort -d; sort -k 1.2,1.3 y; printf '0x1\n' | sort -n; sort -C x; echo $?; printf 'c\nb\n' | sort --reverse --parallel=2; sort missing; echo $?
#: uniq
printf 'a\na\nb\nA\na\n' > f; uniq f; uniq -c f; uniq -d f; uniq -u f; uniq -i f; printf '1 x\n2 x\n3 y\n' | uniq -f1; printf 'ab1\nab2\ncd3\n' | uniq -w2; printf 'xa\nya\n' | uniq -s1; uniq -D f; uniq f out; cat out; uniq -c -d f; uniq --all-repeated=separate f; printf 'a\0a\0' | uniq -z | tr '\0' '|'
#: cut
printf 'a:b:c\nd:e:f\nnone\n' > f; cut -d: -f2 f; cut -d: -f1,3 f; cut -d: -f2- f; cut -c1-2 f; cut -b2 f; cut -d: -f1 -s f; cut -d: --complement -f2 f; cut -d: -f1,3 --output-delimiter=' - ' f; cut -f1 f; cut -c-2,4 f; echo 'a b c' | cut -d' ' -f3-; cut -d: -f 3,1 f; cut; echo $?; cut -d: f; echo $?; echo abc | cut -c5
#: tr
echo hello | tr a-z A-Z; echo hello | tr -d l; echo 'a  b   c' | tr -s ' '; echo hello123 | tr -cd '0-9\n'; echo abc | tr abc xy; echo 'a-b' | tr - _; echo 'tEst' | tr '[:upper:][:lower:]' '[:lower:][:upper:]'; printf 'a\nb' | tr '\n' ','; echo; echo aabbcc | tr -s a-c; echo abc | tr -t abc x; echo hello | tr -ds l o; echo 'x[y]' | tr '[]' '()'; printf '\001' | tr '\001' A; echo; echo hello | tr -c 'l\n' '*'; tr a; echo $?; echo 'a\b' | tr '\\' /; echo abc | tr 'a-b' '\101-\102'
#: head tail
seq 20 > f; head -n 3 f; head -3 f; tail -n 2 f; tail -2 f; tail -n +18 f; head -c 5 f; tail -c 4 f; head -n -17 f; head -c -48 f; tail -c +48 f; head -qn1 f f; head -vn1 f; head -n1 f f; tail -n1 f f; tail -q -n1 f f; echo a | tail -n 0; head missing; echo $?; seq 5 | tail -n +3 | head -1; head -n 1k f | wc -l
#: wc
printf 'a b\nc\n' > f; wc f; wc -l f; wc -w f; wc -c f; wc -m f; wc -lw f; wc f f; printf 'héé\n' | wc -m; printf 'héé\n' | wc -c; wc -L f; printf 'no newline' | wc -l; cat f | wc -lc; printf 'x\n' > g; wc -l f g; wc --total=never f g 2>/dev/null | head -2 | wc -l; seq 1000 > big; wc f big
#: tee
echo a | tee f; cat f; echo b | tee -a f g; cat f g; echo c | tee /dev/null x/y 2>/dev/null; echo $?; echo d | tee >/dev/null h; cat h; seq 2 | tee a1 a2 | wc -l
#: od xxd hexdump
printf 'Hello\n\377\0world, more than sixteen' > f; od f; od -c f; od -An -tx1 f; od -A x -t x1z f; xxd f; xxd -p -l 20 f; xxd -r -p <<< 48656c6c6f; echo; hexdump -C f; hexdump f; od -tx2 f; od -td4 -N4 f; od -j2 -N3 -c f; xxd -l 4 -s 2 f; xxd -c 4 -g 1 f; od -An -c -w4 f; od -b f | head -1; head -c 64 /dev/zero | od -c; od -tu1 f | head -1; od -t o1 f | head -1
#: base
printf 'hello world' | base64; printf 'aGVsbG8=' | base64 -d; echo; printf 'hello' | base32; printf 'NBSWY3DP' | base32 -d; echo; head -c 100 /dev/zero | base64 -w 20 | head -2; head -c 100 /dev/zero | base64 -w0 | wc -c; printf 'aGV\nsbG8=' | base64 -d; echo; echo '!!' | base64 -d; echo $?; echo 'a!GVsbG8=' | base64 -di; echo $?; printf '\377\376' | base64; printf '//4=' | base64 -d | od -An -tx1; basenc --base64url <<< '??>'; basenc --base16 <<< ab
#: numfmt factor expr
numfmt --to=iec 1048576; numfmt --to=si 1500; numfmt --from=iec 1K; numfmt --to=iec-i 2048; numfmt --to=iec --suffix=B 4096; numfmt --padding=8 5; factor 12 97 1; factor 1000000007; echo 36 | factor; expr 1 + 2; expr length abc; expr substr hello 2 3; expr index hello l; expr abc : 'a\(.\)c'; expr abc : 'ab'; expr 1 = 1; expr a \< b; expr 5 % 3; expr 0; echo $?; expr 1 /  0; echo $?; expr x '|' y; expr '' '|' y; expr 1 '&' 0; factor 18446744073709551557
#: env and others
env -i A=1 env; env A=2 sh -c 'echo $A'; env -u HOME sh -c 'echo ${HOME-unset}'; timeout 5 echo ok; timeout 0.1 sleep 5; echo $?; timeout 1 false; echo $?; nohup echo hi 2>/dev/null; nice echo n; nproc | grep -c .; whoami | grep -c .; env nosuch 2>/dev/null; echo $?; timeout 1 nosuch 2>/dev/null; echo $?; true; false || echo no; sleep 0; printenv HOME >/dev/null; echo $?; printenv NOPE; echo $?; env -C / pwd; uname; uname -s; arch >/dev/null; tty; echo $?; id -u >/dev/null; echo $?; hostname >/dev/null; echo $?
#: install and truncate
echo x > f; install -m 755 f g; stat -c %a g; install -d a/b; ls -d a/b; install -D f c/d/e; cat c/d/e; install -t a f; ls a; install -v f h; truncate -s 10 f; stat -c %s f; truncate -s -4 f; stat -c %s f; truncate -s +1 f; stat -c %s f; truncate -s 1K f; stat -c %s f; truncate -c -s 5 none; ls none 2>/dev/null; truncate -r g f; stat -c %s f; truncate -s %512 f; stat -c %s f; install -m 600 f g a; stat -c %a a/g
#: chmod
touch f; chmod 600 f; stat -c %a f; chmod u+x,g+r f; stat -c %a f; chmod a-w f; stat -c %a f; chmod go= f; stat -c %a f; mkdir d; touch d/x; chmod -R 700 d; stat -c %a d d/x; chmod +x d/x; chmod -v 644 f; chmod -c 644 f; chmod 4755 f; stat -c '%a %A' f; chmod +t d; stat -c '%A' d; chmod --reference=d/x f; stat -c %a f; chmod u=rwX,go=rX d d/x; stat -c %a d d/x; chmod missing f 2>/dev/null; echo $?; chmod 644 missing 2>/dev/null; echo $?; chmod g=u f; stat -c %a f; chmod =r f; stat -c %a f
#: file and misc
printf 'text\n' > t; printf '#!/bin/sh\necho\n' > s; file t; mkdir d; file d; : > e; file e; ln -s t l; file l; printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0' > p.png; printf '{"a":1}\n' > j.json; true
#: mv
#! stderr
echo 1 > a; mv -v a b; mkdir d; mv -v b d; mv d/b .; mv b d/; ls d; mv missing x; echo $?; mv; echo $?; mv d; echo $?; echo 2 > c; echo 3 > e; mv -n c e; cat e; mv -f c e; cat e; mv -t d e; ls d; mkdir f; mv d f; ls f; mv f/d/* .; ls; mv b b; echo $?; touch q; mv f q; echo $?; mv -b q b; ls
#: cat
#! stderr
printf 'a\n\n\nb\tc\n' > f; cat -n f; cat -b f; cat -s f; cat -A f; cat -E f; cat -T f; cat f - < f | wc -l; cat missing; echo $?; mkdir d; cat d; echo $?; printf 'x' > g; cat g g; cat -v <<< $'\x01\x7f'; printf '\200\n' | cat -v; cat -ns f; cat -e f; cat -t f


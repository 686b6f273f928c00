#: output delimiters
echo abcdefgh > f; cut -c1-2,4 --output-delimiter=: f; cut -c1,3,5 --output-delimiter=- f; cut -b1-3,5- --output-delimiter='|' f; cut -c1-3,2-4 --output-delimiter=: f; cut -c1,2,3 --output-delimiter=, f; echo 'a:b:c:d' | cut -d: -f1,3- --output-delimiter=' / '; echo 'a:b:c' | cut -d: -f1-2 --output-delimiter=''  | od -c | head -1; echo 'a b' | cut -d' ' -f1,2 --output-delimiter=$'\t'
#: lists
echo 'a:b:c:d:e' > f; for l in 1 2,4 4,2 2-4 -2 3- 1-2,4-5 1,1,2 2-3,3-4 9 1,9 5-9 -; do echo "$l: $(cut -d: -f "$l" f 2>&1)"; done; cut -d : -f '1 3' f; cut -d: -f2 --complement f; cut -d: -f2-3,5 --complement f; cut --fields=1 --delimiter=: f; cut -c2-4 f; cut -c-3 f; cut -c7- f; cut -c2 --complement f; cut -b1-3 f
#: lines without a delimiter
printf 'a:b\nnone\n\nc:d:e\n:x\ny:\n' > f; cut -d: -f1 f; cut -d: -f2 f; cut -s -d: -f2 f; cut -d: -f3 f; cut -d: -f1 --only-delimited f; printf 'a\tb\tc\nx y\n' | cut -f2; printf 'a:b' | cut -d: -f2; printf '' | cut -f1; printf '\n' | cut -f1; printf 'a:b\0c:d\0' | cut -z -d: -f2 | tr '\0' '\n'
#: messages
#! stderr
echo a > f; mkdir d; cut; echo $?; cut f; echo $?; cut -f 0 f; echo $?; cut -f a f; echo $?; cut -c 0 f; echo $?; cut -c x f; echo $?; cut -f 3-1 f; echo $?; cut -d ab -f1 f; echo $?; cut -f1 -c1 f; echo $?; cut -s -c1 f; echo $?; cut -d: -c1 f; echo $?; cut -f1 nope; echo $?; cut -f1 nope f; echo $?; cut -c1 d; echo $?; cut -f - f; echo $?; cut -Z f; echo $?; cut -f; echo $?
#: as agents use it
printf 'root:x:0:0\nuser:x:1000:1000\n' > p; cut -d: -f1 p; cut -d: -f1,3 p; grep user p | cut -d: -f3; echo 'k=v=w' | cut -d= -f2-; echo 'v1.2.3' | cut -c2-; echo '2024-01-02' | cut -d- -f1; ls -d p | cut -c1; echo 'a  b' | tr -s ' ' | cut -d' ' -f2; date -d 2020-01-02 +%F | cut -c1-4; printf '%s\n' 'a,"b",c' | cut -d, -f2 | tr -d '"'; cut -d: -f1 p - <<< 'in:put'; cut -c1 p p

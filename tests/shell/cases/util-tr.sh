#: repeats
echo abcdef | tr a-f '[x*]'; echo abcdef | tr a-f '[x*3]yz'; echo abcdef | tr a-f 'A[x*]'; echo abcdef | tr a-f 'A[x*]B'; echo abc | tr abc '[x*2]y'; echo 'a1b2' | tr '0-9' '[#*]'; echo 'hello world' | tr -c 'a-z\n' '[_*]'; echo abcdefghij | tr a-j '[x*010]'
#: classes
echo 'Hello, World 42!' > f; tr '[:lower:]' '[:upper:]' < f; tr '[:upper:]' '[:lower:]' < f; tr -d '[:punct:]' < f; tr -d '[:digit:]' < f; tr -cd '[:alnum:]\n' < f; tr -d '[:space:]' < f; echo; tr '[:space:]' '\n' < f; tr -s '[:blank:]' '_' < f; tr '[:alpha:]' x < f; tr -dc '[:print:]' < f; echo; tr -c '[:alnum:]' '_' < f; echo; tr -cs '[:alnum:]' '\n' < f; tr '[:punct:]' ' ' < f; tr -d '[=l=]' < f
#: ranges and escapes
echo 'a-b_c' | tr '_-' '  '; echo 'a-b' | tr 'a\-b' xyz; printf 'a\tb\r\n' | tr -d '\r' | tr '\t' ' '; echo 'a/b/c' | tr / .; echo 'aAbB' | tr a-zA-Z n-za-mN-ZA-M; echo abc | tr a-c A-C; echo 'x.y' | tr . '\n'; echo 'PATH:to:x' | tr ':' '\n'; echo 'a\b' | tr '\\' '/'; printf 'a\0b' | tr '\0' ' '; echo; echo 'test' | tr 't' '\164'; echo "it's" | tr "'" '"'; echo abc | tr '\141' X; printf 'a\n\n\nb\n' | tr -s '\n'
#: squeeze and delete
echo 'aabbccdd' | tr -s 'a-d'; echo 'aabbccdd' | tr -s ab; echo 'aabbcc' | tr -s 'abc' 'xyz'; echo 'hello  world' | tr -s ' ' '\n'; echo abc123 | tr -d a-z; echo 'aabbcc' | tr -ds a b; echo 'x  y' | tr -d ' '; echo mississippi | tr -s sp; echo 'a,b;c' | tr ',;' '\t\t'; echo abc | tr -d ''; echo abcabc | tr -t abc xy; echo abc | tr abc x
#: messages
tr 2>/dev/null; echo $?; echo a | tr a 2>/dev/null; echo $?; echo a | tr -d a b 2>/dev/null; echo $?; echo a | tr z-a x 2>/dev/null; echo $?; echo a | tr a '' 2>/dev/null; echo $?; echo a | tr -Z a b 2>/dev/null; echo $?; echo a | tr a b c 2>/dev/null; echo $?; echo a | tr '[:nope:]' x 2>/dev/null; echo $?

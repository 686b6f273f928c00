#: modes
f=$(mktemp); stat -c %a "$f"; test -f "$f" && echo file; wc -c < "$f"; d=$(mktemp -d); stat -c %a "$d"; test -d "$d" && echo dir; rm -r "$f" "$d"; case $f in /tmp/tmp.??????????) echo named;; *) echo "$f";; esac
#: templates
f=$(mktemp aXXX); case $f in a???) echo ok;; esac; stat -c %a a???; f=$(mktemp b.XXXXXX.txt); case $f in b.??????.txt) echo ok;; *) echo $f;; esac; f=$(mktemp --suffix=.log cXXXX); case $f in c????.log) echo ok;; *) echo $f;; esac; mkdir sub; f=$(mktemp sub/dXXXX); case $f in sub/d????) echo ok;; *) echo $f;; esac; ls sub | wc -l; mktemp -d eXXXXX > out; test -d "$(cat out)" && echo made; f=$(mktemp --suffix=x); case $f in /tmp/tmp.??????????x) echo ok;; *) echo $f;; esac
#: directories
mkdir t; f=$(mktemp -p t); case $f in t/tmp.??????????) echo ok;; *) echo $f;; esac; f=$(mktemp --tmpdir=t xXXXX); case $f in t/x????) echo ok;; *) echo $f;; esac; f=$(TMPDIR=t mktemp); case $f in t/tmp.*) echo ok;; *) echo $f;; esac; f=$(TMPDIR=t mktemp -t yXXXX); case $f in t/y????) echo ok;; *) echo $f;; esac; f=$(mktemp -t zXXXX.d -d); case $f in /tmp/z????.d) echo ok;; *) echo $f;; esac; rm -r "$f"; f=$(mktemp -u); test -e "$f" || echo not made; f=$(mktemp -dp t); stat -c %a "$f"; f=$(mktemp --tmpdir qXXXX); case $f in /tmp/q????) echo ok;; *) echo $f;; esac; rm "$f"
#: messages
#! stderr
mktemp aXX; echo $?; mktemp nox; echo $?; mktemp nope/aXXX; echo $?; mktemp -d nope/aXXX; echo $?; mktemp -q nope/aXXX; echo $?; mktemp a b; echo $?; mktemp --suffix=.c aXXXb; echo $?; mktemp --suffix=x/y aXXX; echo $?; mktemp -t a/bXXX; echo $?; mktemp -p . /aXXX; echo $?; mktemp aXXX/b; echo $?; mktemp -Z; echo $?
#: in scripts
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"; echo x > a; ls; a=$(mktemp XXXXXX); b=$(mktemp XXXXXX); test "$a" != "$b" && echo differ; out=$(mktemp out.XXXX) && echo hello > "$out" && cat "$out"; exec 3> "$out"; echo three >&3; exec 3>&-; cat "$out"

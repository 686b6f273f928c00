#: files
echo hello > f; gzip f; ls; zcat f.gz; gunzip f.gz; ls; gzip -k f; ls; gzip -d -f f.gz; cat f
#: streams
echo hello | gzip | gzip -d; echo hello | gzip -c | zcat; printf abc > f; gzip -c f | gunzip; gzip < f | gunzip -c; gzip -9 -c f | gzip -dc; cat f | gzip -1 > g; zcat < g
#: test and list
echo hello > f; gzip f; gzip -t f.gz; echo $?; gzip -l f.gz; echo junk > j.gz; gzip -t j.gz; echo $?; gunzip -l f.gz | tail -1
#: messages
#! stderr
gzip missing; echo $?; echo x > f; gzip -k f; gzip -k f </dev/null; echo $?; echo junk > j.gz; gunzip j.gz; echo $?; gunzip f; echo $?; mkdir d; gzip d; echo $?; zcat missing; echo $?
#: verbose and recursive
mkdir d; seq 1000 > d/a; echo x > d/b; gzip -r d; find d | sort; gunzip -r d; find d | sort; gzip -v d/a 2>&1 | sed 's/[0-9.]*%/N%/'; gzip -dv d/a.gz 2>&1 | sed 's/[0-9.]*%/N%/'
#: several and suffix
echo 1 > a; echo 2 > b; gzip a b; ls; zcat a.gz b.gz; cat a.gz b.gz | zcat; gunzip *.gz; ls; gzip -S .z a; ls; gunzip -S .z a.z; ls; tar czf x.tgz a; gunzip x.tgz; ls
#: bzip2
echo hello > f; bzip2 f; ls; bzcat f.bz2; bunzip2 f.bz2; ls; echo hi | bzip2 | bzip2 -d; bzip2 -k f; bzip2 -t f.bz2; echo $?; bzip2 -dc f.bz2; bunzip2 -c f.bz2; echo j > j.bz2; bunzip2 j.bz2 2>/dev/null; echo $?
#: binary
head -c 70000 /dev/zero | gzip | gunzip | cksum; printf '\377\376\0\1' | gzip | zcat | od -c; printf '\200\201' > b; gzip b; gunzip b.gz; od -An -tx1 b; echo 'find me' | gzip > z.gz; zcat -f z.gz


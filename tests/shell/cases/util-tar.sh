#: round trip
mkdir -p d/e; echo 1 > d/a; echo 2 > d/e/b; tar cf t.tar d; tar tf t.tar | sort; rm -r d; tar xf t.tar; find d | sort; cat d/e/b; tar -tf t.tar d/a
#: verbose
mkdir d; echo 1 > d/a; tar cvf t.tar d; tar tvf t.tar | awk '{print $1, $NF}'; tar xvf t.tar; tar -cvzf t.tgz d
#: compressed
mkdir d; echo hello > d/a; tar czf t.tgz d; tar tzf t.tgz; tar tf t.tgz; mkdir o; tar xzf t.tgz -C o; cat o/d/a; tar cjf t.tbz d; tar xjf t.tbz -O d/a; gzip -dc t.tgz | tar tf -
#: strip and directory
mkdir -p a/b/c; echo x > a/b/c/f; tar cf t -C a b; tar tf t; mkdir o; tar xf t -C o --strip-components=1; find o | sort; mkdir o2; tar -x -f t -C o2 --strip-components 2; find o2 | sort
#: exclude
mkdir -p d/node_modules d/s; touch d/a.o d/b.c d/node_modules/x d/s/c.o; tar cf t --exclude='*.o' --exclude=node_modules d; tar tf t | sort; echo '*.c' > ex; tar cf t -X ex d; tar tf t | sort; tar cf t --exclude=d/s d; tar tf t | sort
#: select members
mkdir d; touch d/a d/b; echo q > d/c; tar cf t d; tar xf t -O d/c; rm -r d; tar xf t d/b; find d; tar tf t --wildcards '*/a'; tar xf t --wildcards '*/c'; ls d
#: append update and stdin
echo 1 > a; echo 2 > b; tar cf t a; tar rf t b; tar tf t; tar c a b | tar t; tar cf - a | tar xf - -O; cat t | tar tf -; tar cf t a b; tar uf t a; tar tf t
#: links and modes
mkdir d; echo x > d/f; chmod 750 d/f; ln -s f d/l; tar cf t d; rm -r d; tar xf t; stat -c %a d/f; readlink d/l; tar tvf t | grep -o 'd/l -> f'
#: times are kept
echo x > f; touch -d '2020-01-02 03:04:05' f; tar cf t f; rm f; tar xf t; stat -c %Y f; tar tvf t | awk '{print $4,$5}'; tar xmf t; [ $(stat -c %Y f) -gt 1600000000 ]; echo $?; tar --mtime='2021-01-01' -cf t f; tar tvf t | awk '{print $4}'
#: messages
#! stderr
tar cf t missing; echo $?; tar xf none.tar; echo $?; tar tf none.tar; echo $?; tar; echo $?; tar cf t; echo $?; echo a > a; tar cf t a; tar xf t nothere; echo $?
#: absolute and dots
#! stderr
mkdir d; echo 1 > d/f; tar cf t ./d; tar tf t; (cd d; tar cf ../t2 .); tar tf t2 | sort; mkdir o; tar xf t2 -C o; ls o
#: files from and transform
touch a b c; printf 'a\nc\n' > l; tar cf t -T l; tar tf t; printf 'a\0b\0' | tar cf t --null -T -; tar tf t; tar cf t --transform 's,^,pre/,' a; tar tf t; find . -name '[ab]' -print0 | sort -z | tar -czf t --null -T -; tar tzf t
#: keep and overwrite
echo old > f; tar cf t f; echo new > f; tar xkf t 2>/dev/null; echo $?; cat f; tar xf t; cat f; tar --skip-old-files -xf t; echo $?; tar df t; echo $?; echo other > f; tar df t; echo $?
#: sorted and to stdout
mkdir d; touch d/b d/a; tar cf t --sort=name d; tar tf t; tar cf - d | wc -c | awk '{print $1 % 512}'; tar --remove-files -cf t d/a; ls d; tar -cf t --owner=0 --group=0 --numeric-owner d; tar tvf t --numeric-owner | awk '{print $2}'
#: long names
n=$(printf 'x%.0s' $(seq 120)); mkdir -p d/$n; echo 1 > d/$n/$n; tar cf t d; rm -r d; tar xf t; cat d/$n/$n; tar tf t | wc -l; ln -s $n l; tar cf t2 l; rm l; tar xf t2; readlink l | wc -c


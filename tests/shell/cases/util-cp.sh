#: verbose
#! stderr
echo 1 > a; cp -v a b; cat b; mkdir d; cp -v a d; cp -v a b d/; ls d
#: no clobber and update
echo 1 > a; echo 2 > b; cp -n a b; cat b; touch -d 2020-01-01 a; cp -u a b; cat b; touch -d 2030-01-01 a; cp -u a b; cat b
#: target directory
echo 1 > a; echo 2 > b; mkdir d; cp -t d a b; cat d/a d/b; cp --target-directory=d a; ls d
#: recursive
mkdir -p d/e; echo 1 > d/f; echo 2 > d/e/g; cp -r d new; find new | sort; cp -r d new; find new | sort
#: recursive verbose
mkdir -p d/e; echo 1 > d/f; cp -rv d new | sort
#: messages
#! stderr
cp missing x; echo $?; mkdir d; cp d e; echo $?; cp; echo $?; cp a; echo $?; touch a; cp a a; echo $?; cp a b nodir; echo $?; cp a nodir/; echo $?; cp a x/y; echo $?
#: archive keeps mode and time
echo 1 > a; chmod 640 a; touch -d '2020-05-05 12:00:00' a; cp -a a b; stat -c '%a %Y' b; cp -p a c; stat -c '%a %Y' c; cp a d; stat -c %a d
#: links
echo 1 > a; ln -s a l; cp l m; test -L m; echo $?; cp -P l n; readlink n; cp -d l o; readlink o; mkdir d; ln -s x d/l; cp -r d e; readlink e/l; cp -rL l p; test -L p; echo $?; cp -a l q; readlink q
#: no target directory
mkdir a d; touch a/f; cp -rT a d; ls d; cp -rT a new; ls new
#: into itself
#! stderr
mkdir a; touch a/f; cp -r a a; echo $?
#: directory over file
#! stderr
mkdir a d; touch b; cp -r a b; echo $?; touch d/a; cp -r a d; echo $?; mkdir -p e/b; cp b e; echo $?
#: directory contents
mkdir -p a/s b; echo 1 > a/x; echo 2 > a/.h; cp -r a/. b; ls -A b; mkdir c; cp a/* c; echo $?; ls c
#: parents and backup
mkdir -p a/b d; echo 1 > a/b/f; cp --parents a/b/f d; find d | sort; echo 2 > x; echo 3 > y; cp -b x y; cat y y~; cp --backup=numbered x y; ls y*
#: force through dangling
echo 1 > a; cp -f a b; cat b; echo 2 > ro; chmod 444 ro; cp -f a ro; cat ro; cp --remove-destination a b; cat b; cp -i a zz </dev/null; cat zz
#: symbolic and hard copies
echo 1 > a; cp -s a l; readlink l; cp -l a h; cat h; test -L h; echo $?


#: symbolic
#! stderr
echo hi > a; ln -s a b; cat b; readlink b; ln -s a b; echo "rc $?"; ln -sf c b; readlink b
#: hard
echo hi > a; ln a b; cat b; test -L b; echo "$?"; rm a; cat b
#: messages
#! stderr
ln missing x; echo $?; mkdir d; ln d e; echo $?; ln; echo $?; ln -s; echo $?
#: into directory
mkdir d; echo 1 > f; ln -s ../f d; cat d/f; ln -s -t d x y; ls d; readlink d/x
#: force and verbose
touch a b; ln -sfv a b; ln -sv a c; ln -sfn d c; readlink c; mkdir e; ln -s e l; ln -sfn a l; readlink l; ls e
#: several into directory
touch a b; mkdir d; ln -s a b d/; ls d; readlink d/a; ln -sfT a d2; readlink d2
#: one operand
mkdir d; touch d/f; ln -s d/f; readlink f; cd d; ln -s ../x; readlink x
#: relative
mkdir -p a/b c; touch c/f; ln -sr c/f a/b/l; readlink a/b/l; ln -s -r a/b c/back; readlink c/back


#: verbose
#! stderr
touch a b; rm -v a b; mkdir -p d/e; touch d/f; rm -rv d | sort
#: messages
#! stderr
rm missing; echo $?; mkdir d; rm d; echo $?; rm -f missing; echo $?; rm; echo $?; rm -f; echo $?; rm -d d; echo $?; mkdir -p a/b; rm -d a; echo $?
#: dot
#! stderr
rm -r .; echo $?; rm -rf ..; echo $?
#: link not target
mkdir d; touch d/f; ln -s d l; rm l; ls d; ln -s d l; rm -r l; ls d
#: after dashes
touch -- -x; rm -- -x; ls; touch ./-f; rm ./-f; ls
#: invalid option
#! stderr
rm -Q x; echo $?
#: rmdir
#! stderr
mkdir -p a/b/c; rmdir a; echo $?; rmdir -p a/b/c; echo $?; ls; rmdir missing; echo $?; touch f; rmdir f; echo $?; mkdir x; rmdir -v x; mkdir -p y/z; rmdir --ignore-fail-on-non-empty y; echo $?; rmdir -pv y/z


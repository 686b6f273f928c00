#: parents verbose
#! stderr
mkdir -pv a/b/c; mkdir -v d; mkdir -p a/b; echo $?
#: messages
#! stderr
mkdir a; mkdir a; echo $?; mkdir x/y; echo $?; mkdir; echo $?; touch f; mkdir f; echo $?; mkdir -p f/g; echo $?; mkdir -p f; echo $?; mkdir f/g; echo $?
#: mode
mkdir -m 700 a; stat -c %a a; mkdir -m u=rwx,g=rx,o= b; stat -c %a b; mkdir -p -m 711 c/d; stat -c %a c c/d; mkdir --mode=0750 e; stat -c %a e


#: types and names
mkdir -p d/e; touch d/a.txt d/e/b.txt d/c.md; ln -s a.txt d/l; find d | sort; find d -type f | sort; find d -type d | sort; find d -type l; find d -name '*.txt' | sort; find d -iname 'A*'; find d -type f,l | sort
#: depth
mkdir -p d/e/f; touch d/a d/e/b d/e/f/c; find d -maxdepth 1 | sort; find d -mindepth 2 | sort; find d -mindepth 1 -maxdepth 1 -type d; find d/e/f -depth; find d -maxdepth 0
#: sizes and empty
mkdir d; printf 12345 > d/a; touch d/b; head -c 2000 /dev/zero > d/c; mkdir d/empty; find d -size +1k -type f; find d -size 5c; find d -empty | sort; find d -size -1 -type f; find d -size 0; find d -type f -size -3k | sort
#: times
touch -d '3 days ago' a; touch -d '10 days ago' b; touch c; find . -type f -mtime +5; find . -type f -mtime -1; find . -type f -mtime 3; find . -type f -mmin -5; find . -type f -newer a | sort; find . -type f ! -newer a | sort; find . -newermt '5 days ago' -type f | sort
#: perm
touch a b c; chmod 644 a; chmod 755 b; chmod 600 c; find . -perm 644; find . -perm -100 -type f; find . -perm /022 -type f; find . -type f -perm u=rw; find . -type f -executable
#: or not and parentheses
touch a.c b.h c.o; find . -name '*.c' -o -name '*.h' | sort; find . -type f ! -name '*.o' | sort; find . -type f \( -name '*.c' -or -name '*.o' \) -print | sort; find . -not -name '*.c' -and -type f | sort
#: prune
mkdir -p a/skip/x a/keep; touch a/skip/f a/keep/g; find a -name skip -prune -o -print | sort; find a -path '*/skip' -prune -o -type f -print; find a -path a/skip -prune -false -o -name g
#: exec
printf 1 > a; printf 2 > b; find . -type f -exec cat {} \; | fold -w1 | sort; find . -type f -exec echo {} + | tr ' ' '\n' | sort; find . -type f -exec sh -c 'echo "$1"' _ {} \; | sort; find . -name a -exec false \; -print; find . -name a -exec true \; -print; find . -type f -exec echo pre{}post \; | sort
#: exec status
touch a; find . -name a -exec false {} +; echo $?; find . -name a -exec false \;; echo $?; mkdir d; touch d/f; find d -name f -execdir echo {} \;
#: print0 and printf
mkdir d; printf 123 > d/a; chmod 640 d/a; touch -d '2020-01-02 03:04:05' d/a; find d -type f -print0 | tr '\0' '|'; find d -printf '%p %f %h %s %m %y %d\n' | sort | sed 's/ 4096//'; find d -name a -printf '%P %T@ %TY-%Tm-%Td %M\n'; find d -name a -printf '%10f|%-5s|\t%%\n'; find d -name a -printf '%t\n'; find d/a -printf '%TH:%TM %H\n'
#: delete
mkdir -p d/e; touch d/a.tmp d/e/b.tmp d/k; find d -name '*.tmp' -delete; find d | sort; find d -delete; ls
#: regex and path
mkdir -p d/e; touch d/a1 d/e/b2 d/c; find d -regex '.*[0-9]' | sort; find d -regex 'd/e/.*'; find d -regextype posix-extended -regex '.*/(a|b)[0-9]' | sort; find d -iregex '.*A1'; find d -path 'd/e/*'; find d -wholename '*c'; find d -ipath 'D/E'
#: errors
find missing; echo $?; find . -nonsense; echo $?; find . -maxdepth x; echo $?; find . -name; echo $?; find . -type z; echo $?; find . \( -name a; echo $?; find . -exec echo; echo $?
#: odd names
touch 'a b' "c'd" '-x'; find . -type f | sort; find . -type f -print0 | xargs -0 ls -1; find . -name '* *' -exec ls {} \;
#: several starting points
mkdir a b; touch a/x b/y; find a b -type f; find -name x; find a/ -type f; find . -name y -quit; find b/y a
#: links
mkdir d; touch d/f; ln -s d l; ln -s none broken; find l; find -L l | sort; find . -xtype l; find . -lname none; find -H l | sort; find . -type l | sort
#: newer and samefile words
touch -d 2020-01-01 a; touch -d 2020-01-02 b; touch -d 2020-01-03 c; find . -newer a -type f ! -newer b; find . -newermt 2020-01-02 -type f; find . -type f -newermt '2020-01-01 12:00' ! -newermt '2020-01-02 12:00'; find . -anewer x 2>/dev/null; echo $?
#: ls and fprint
touch a; find . -name a -ls | awk '{print $3, $NF}'; find . -name a -fprint out; cat out; find . -name a -print -print; find . -name a -readable -writable

#: comma
touch a.c b.h; find . -type f , -name x | sort

#: link with a slash
mkdir d; touch d/f; ln -s d l; find l/ | sort

#: links predicate
touch a; find . -name a -links 1

#: comma and its order
touch a b; find . -type f -name a -print , -name b -printf 'B %p\n' | sort; find . -name a , -name b; find . -false , -name a; find . -name a ,; echo $?
#: operators
#! stderr
mkdir d; touch d/a d/b; find d -name a -o -name b -a -type d; find d ! ! -name a; find d -not \( -name a -or -name b \); find d \( -name a -print \) -o \( -name b -printf 'b\n' \) | sort; find d -type f -name 'a' -exec true \; -a -print; find d -name a -o; echo $?; find d \( \); echo $?; find d !; echo $?; find d -o -name a; echo $?; find d -name a \); echo $?; find d \( -name a; echo $?
#: messages
#! stderr
mkdir d; for a in '-nonsense' '-maxdepth x' '-name' '-type z' '-type' '-type ff' '-type f,' '-type f,f' '-exec echo' '-perm zz' '-size x' '-size 5q' '-newer nope' '-newermt garbage' '-newerxx a' '-mtime x' '-mmin y' '-user nosuchuser' '-group nosuchgroup' '-regextype bad' '-links x' '-maxdepth -1' '-samefile nope' '-exec ;' '-delete -prune' '-printf' '-name d x' '-name x d'; do find d $a; echo $?; done
#: starting points that are not there
#! stderr
mkdir d; touch d/f; find nope d; echo $?; find d/f/; echo $?; find d/f/x; echo $?; find nope -name x; echo $?; find ''; echo $?
#: exec with conditions
mkdir d; echo yes > d/a; echo no > d/b; find d -type f -exec grep -q yes {} \; -print; find d -type f ! -exec grep -q yes {} \; -print; find d -type f -exec test -s {} \; -exec basename {} \; | sort; find d -type f \( -exec grep -q yes {} \; -printf 'Y %f\n' -o -printf 'N %f\n' \) | sort
#: exec with quotes
touch 'a b' "c'd" 'e$f' 'g;h'; find . -type f -exec echo '<{}>' \; | sort; find . -type f -exec sh -c 'for f; do printf "[%s]\n" "$f"; done' sh {} + | sort; find . -name 'a b' -execdir echo {} \;; find . -type f -exec mv {} {}.bak \; ; ls
#: exec plus
seq 300 | while read n; do : > f$n; done; find . -name 'f*' -exec echo {} + | wc -w; find . -name 'f*' -exec sh -c 'echo $#' _ {} +; find . -name 'f1' -exec echo one {} + -exec echo two {} +; find . -name nothing -exec echo {} +; find . -name 'f1?' -exec rm {} +; ls | wc -l; find . -name f2 -exec false {} + ; echo $?
#: exec of what is not there
#! stderr
touch a; find . -name a -exec nosuchcommand {} \; ; echo $?; find . -name a -exec nosuchcommand {} \; -print; find . -name a -exec nosuchcommand {} +; echo $?
#: exec reads nothing
touch a b; printf '1\n2\n' | while read x; do find . -type f -exec cat {} \; ; echo $x; done
#: execdir
mkdir -p d/e; echo 1 > d/a; echo 2 > d/e/b; find d -type f -execdir cat {} \; | sort; find d -type f -execdir ls {} + | sort; find d -name b -execdir sh -c 'basename "$PWD"' \;
#: exec under errexit
set -e; touch a b; find . -type f -exec false \; ; echo went on; find . -type f -exec sh -c 'exit 3' \; -o -name a -print; echo end
#: ok says no
touch a; find . -name a -ok rm {} \; < /dev/null 2>/dev/null; echo $?; ls
#: quit
mkdir d; touch d/a d/b d/c; find d -name b -print -quit; find d -type f -quit; find d -name '*' -exec echo {} + -quit; find d -type f -print -quit | wc -l
#: prune further
mkdir -p p/.git/x p/node_modules/y p/src/z; touch p/.git/c p/node_modules/m p/src/s p/src/z/t; find p \( -name .git -o -name node_modules \) -prune -o -type f -print | sort; find p -name .git -prune -o -name node_modules -prune -o -print | sort; find p -not -path '*/.*' -not -path '*/node_modules*' -type f | sort; find p -type d -name src -prune; find p -maxdepth 1 ! -name p -prune | sort; find p -depth -name src -prune -o -name t -print
#: depth and delete
mkdir -p d/a/b d/c; touch d/a/b/f d/c/g; find d -depth | sort -r | head -1; find d -depth -name b -o -name f; find d -type f -delete -print | sort; find d -empty -type d -delete; ls -d d; mkdir -p x/y; touch x/y/z; find x -type d -delete 2>&1; echo $?; find x -mindepth 1 -delete; ls x
#: links and slashes
mkdir d; touch d/f; ln -s d l; ln -s f d/k; find l/ | sort; find l -maxdepth 1; find -L l | sort; find -H l | sort; find d/ d// -name f; find ./d/. | sort; find d/../d -name f; find -L . -type f | sort; find -L . -type l; find -P l; find . -follow -name f | sort; find d -type l -xtype f; find d -lname 'f'; find d -ilname 'F'
#: loops of links
mkdir d; ln -s . d/self; ln -s ../d d/again; find -L d 2>/dev/null | sort; find -L d >/dev/null 2>&1; echo $?; find d | sort; ln -s nowhere d/broken; find -L d -name broken -type l 2>/dev/null; find d -xtype l; find d -name broken -printf '%y %Y %l\n'; find d -name self -printf '%y %Y %l\n'
#: printf directives
mkdir -p d/e; printf 12345 > d/e/f; chmod 754 d/e/f; touch -d '2021-03-04 05:06:07.5' d/e/f; find d -name f -printf '%p|%P|%f|%h|%H|%d|%s|%m|%M|%y|%Y|%l|%n|%%\n'; find d -name f -printf '[%8s][%-8s][%3d][%.2f][%10p][%-10f]\n'; find d -name f -printf '%TY %Tm %Td %TH %TM %TS %TT %T+ %TD %TF %Tj %Ta %Tb %TB %TA %Ty %Te %TI %Tp %Tk\n'; find d -name f -printf '%T@ %t %Tc\n'; find d -name f -printf 'a\tb\\n\n\101\n'; find d -name f -printf 'x\cy\n'; echo; find d/e -maxdepth 0 -printf '%f %h %P.\n'; find . -maxdepth 0 -printf '%f %h %p\n'; find / -maxdepth 0 -printf '%p %f %h.\n'; find d -name f -printf '%#m %k %b\n'
#: printf for sorting
mkdir d; printf 1 > d/a; printf 22 > d/b; printf 333 > d/c; touch -d '2020-01-03' d/a; touch -d '2020-01-02' d/b; touch -d '2020-01-01' d/c; find d -type f -printf '%T@ %p\n' | sort -n | cut -d' ' -f2; find d -type f -printf '%s %f\n' | sort -rn | head -1; find d -type f -printf '%f\0' | sort -z | tr '\0' ' '; find d -type f -printf '%TY-%Tm-%Td %f\n' | sort; find d -type f -printf '%f\n' -o -printf 'dir %f\n' | sort
#: sizes further
mkdir d; head -c 1024 /dev/zero > d/k; head -c 1025 /dev/zero > d/kk; : > d/z; printf x > d/one; for s in 1k -1k +1k 2k 1024c +1024c -2c 0 1 -2 3 512w 1M -1M +0; do echo "$s:" $(find d -type f -size $s -printf '%f ' | tr ' ' '\n' | sort); done
#: minutes and days
touch -d '90 seconds ago' a; touch -d '36 hours ago' b; touch -d '50 hours ago' c; for t in '-mmin 2' '-mmin -2' '-mmin +1' '-mmin +60' '-mtime 1' '-mtime +1' '-mtime -2' '-mtime 2' '-mtime 0' '-mtime +0' '-mtime -1' '-mmin -1.9'; do echo "$t:" $(find . -type f $t | sort); done
#: newer times
touch -d '2020-01-01 10:00' a; touch -d '2020-01-01 12:00' b; find . -newer a -name b; find . -newermm a -name '[ab]'; find . -type f -newermt '2020-01-01 11:00'; find . -type f ! -newermt '2020-01-01 11:00'; find . -type f -newermt '@1577880000'; find . -type f -newermt '2020-01-01 09:00' -not -newermt '2020-01-01 11:00'
#: permissions
touch a b c d; chmod 644 a; chmod 4755 b; chmod 777 c; chmod 600 d; for p in 644 -644 /111 -u+x -g+w,o+w /u+s u=rw,go=r a=rwx -4000 /6000 0600 -0 /0; do echo "$p:" $(find . -type f -perm $p | sort); done
#: executables and empty
mkdir d d/e; printf '#!/bin/sh\n' > d/s; chmod +x d/s; : > d/z; find d -type f -executable; find d -empty | sort; find d -type f -empty; find d -type d -empty; find d ! -empty -type f
#: links and owners
touch a; mkdir -p d/x d/y; find . -name a -links 1; find d -links +2; find d -maxdepth 0 -links 4; find a -links -1; find . -name a ! -nouser ! -nogroup; find . -name a -samefile a; find . -samefile ./a
#: files written
touch a b; find . -name '[ab]' -fprint out1 -fprint0 out2 -fprintf out3 '%f!' ; sort out1; tr '\0' '\n' < out2 | sort; grep -o '!' out3 | wc -l; find . -name zzz -fprint empty; cat empty; ls empty; find . -name a -fprintf /dev/stdout '%f\n'
#: regular expressions
mkdir d; touch d/a1.txt d/b22.txt d/c.md d/D.TXT; find d -regex '.*/[a-z][0-9]+\.txt' | sort; find d -regex '.*\.\(txt\|md\)' | sort; find d -iregex '.*\.txt' | sort; find d -regextype posix-extended -regex '.*/[a-z][0-9]{2}\.txt'; find d -regextype egrep -regex '.*\.(md|TXT)' | sort; find d -regextype posix-basic -regex '.*[0-9]\{2\}.*'; find d -regex 'a1'; find d -regex '.*a1?\..*'; find d -regextype sed -regex '.*/[^.]*\.md'; find d -not -regex '.*[0-9].*' -type f | sort
#: names with patterns
touch aXb ab a.b .hid 'a[b' A1; find . -name 'a?b' | sort; find . -name '*' -type f | sort; find . -name '.*' -type f; find . -name 'a\[b'; find . -name '[!.]*' -type f | sort; find . -iname 'a*' | sort; find . -name '[[:upper:]]*' | sort; find . -path './a*' | sort; find . -ipath './A?b' | sort; find . -name 'a' | sort; find . -wholename './ab'; find . -name '*[0-9]'
#: depth in all orders
mkdir -p a/b/c/d; find a -maxdepth 2 -mindepth 1; find a -mindepth 3; find a -mindepth 1 -maxdepth 1 -type d -exec echo {} \;; find a -maxdepth 0 -name a; find a -mindepth 5; find a -depth -maxdepth 1; find a -type d -name c -maxdepth 1 2>/dev/null
#: into other commands
mkdir -p s/t; printf 'TODO one\n' > s/a.py; printf 'x\nTODO two\n' > s/t/b.py; printf 'none\n' > s/c.txt; find s -name '*.py' -print0 | xargs -0 grep -l TODO | sort; find s -name '*.py' | xargs wc -l | tail -1; find s -type f -name '*.py' -exec grep -n TODO {} /dev/null \; | sort; find s -type f -exec sed -i 's/TODO/DONE/' {} +; cat s/a.py s/t/b.py; find s -type f | while read -r f; do echo "${f##*/}"; done | sort; for f in $(find s -name '*.txt'); do echo "$f"; done; mapfile -t l < <(find s -type f | sort); echo ${#l[@]}; find s -type f -name '*.py' -exec chmod 600 {} \; -exec stat -c '%a %n' {} \; | sort; count=$(find s -type f | wc -l); echo $count
#: find of find
mkdir -p d/e; touch d/e/f; find d -type d -exec find {} -maxdepth 1 -name f \; ; find d -type d -exec sh -c 'find "$1" -type f -exec echo in {} \;' _ {} \; ; find d -exec sh -c 'find {} -name f -exec echo {} +' \; | wc -l
#: global options
touch a; find -O2 . -name a; find -D nothing . -maxdepth 0 2>/dev/null; echo $?; find . -noleaf -name a; find . -xdev -name a; find . -mount -warn -name a; find -- . -name a; find . -true -name a -false -o -name a; find . -daystart -mtime 0 -name a

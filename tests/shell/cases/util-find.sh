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


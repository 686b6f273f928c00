#: names
mkdir d; touch b a .h d/x; ls; ls -a; ls -A; ls -1; ls d; ls -d d
#: several operands
#! stderr
mkdir d e; touch d/x e/y f; ls d e f; ls f missing; echo $?; ls missing 2>/dev/null; echo $?
#: sorts
printf 1 > a; printf 333 > b; printf 22 > c; touch -d 2020-01-01 b; touch -d 2021-01-01 a; touch -d 2019-01-01 c; ls -S; ls -t; ls -tr; ls -r; ls -Sr; ls -U | sort
#: long without owner
printf 1234 > a; chmod 640 a; mkdir d; touch -d "2020-02-03 04:05:06" a d; ls -l | awk 'NR>1{print $1, $6, $7, $8, $9, $10, $11}'; ls -l a | awk '{print $1,$5,$6,$7,$8,$9}'
#: time styles
touch -d '2020-02-03 04:05:06' a; ls -l --time-style=full-iso a | cut -d' ' -f6-; ls -l --time-style=long-iso a | cut -d' ' -f6-; ls -l --time-style=+%s a | cut -d' ' -f6-; ls --full-time a | cut -d' ' -f6-; ls -l --time-style=iso a | cut -d' ' -f6-
#: human sizes
head -c 1500 /dev/zero > a; head -c 1048576 /dev/zero > b; head -c 10485761 /dev/zero > c; touch d; ls -lh a b c d | awk '{print $5,$9}'; ls -l --si a | awk '{print $5}'
#: size column is aligned
printf 1 > a; head -c 12345 /dev/zero > b; touch -d 2020-01-01 a b; ls -go a b; ls -gG b
#: classify
mkdir d; touch f x; chmod +x x; ln -s f l; ln -s none m; ls -F; ls -p; ls --file-type; ls -F d l
#: recursive
mkdir -p d/e; touch d/a d/e/b; ls -R; ls -R d; ls -1R d/e
#: quoting and commas
touch 'a b' "c'd"; ls; ls -Q; ls -m; ls -b; ls -N
#: columns
touch a b c d e; ls -C -w 20; ls -x -w 6; ls -C -w 3
#: directory links
mkdir d; touch d/f; ln -s d l; ls l; ls -d l; ls l/; ls -L; ls -ld l | cut -c1
#: version sort and groups
touch f1 f10 f2 f1.txt f10.txt; ls -v; mkdir z y; ls --group-directories-first; ls -X; ls -I '*.txt'; ls --hide='f*'; ls -B
#: empty and dot
mkdir d; ls d; ls -la d | tail -n +2 | awk '{print $9}'; ls -A d; ls -a d; cd d; ls; ls .
#: total of empty
mkdir d; ls -l d; touch d/a; ls -l d | head -1; ls -s d
#: invalid option
#! stderr
ls --nonsense; echo $?; ls -y; echo $?
#: zero and sort words
touch b a; ls --zero | tr '\0' '|'; ls --sort=size; ls --sort=none | sort; ls --sort=time >/dev/null; echo $?; ls --color=never; ls --color=auto


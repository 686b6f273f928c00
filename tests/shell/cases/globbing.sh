#: basics
touch a.txt b.txt c.log 'd e.txt' .hidden; echo *.txt; echo *; echo ?.txt; echo [ab].txt [!a].txt [^a].txt; echo nomatch*; echo .h*

#: directories
mkdir -p d/x d/y; touch d/1 d/x/2 d/y/3; echo d/*; echo d/*/; echo */*/*; echo d/x/../*

#: options
touch a B .c; shopt -s nullglob; echo [z*] z*; shopt -u nullglob; shopt -s dotglob; echo *; shopt -u dotglob; shopt -s nocaseglob; echo b*; shopt -u nocaseglob; set -f; echo *; set +f

#: failglob
shopt -s failglob; echo z* 2>/dev/null; echo "code $?"

#: globstar
mkdir -p a/b/c; touch a/1.py a/b/2.py a/b/c/3.py 0.py; shopt -s globstar; echo **/*.py; echo a/**; echo **/; shopt -u globstar; echo **/*.py

#: classes
touch 1 a A _; echo [[:digit:]] [[:alpha:]] [[:upper:]]; echo [a-c]; echo [!0-9]

#: escaped
touch 'a*b' 'a?' 'a[1]' axb; echo a\*b 'a*b' a"*"b; echo a\[1\]; ls -1 a*

#: in_variables
touch x1 x2; p='x*'; echo $p "$p"; q=(x*); echo ${#q[@]}; for f in x*; do echo "$f"; done

#: in_assignment_and_case
touch y1; v=y*; echo "$v"; echo $v; case y1 in y*) echo match;; esac

#: not_in_redirect
touch r1; echo x > r1; cat < r*

#: order
touch b a C D 10 9 é; echo *

#: spaces_and_newlines
touch 'a b' $'c\nd'; for f in *; do printf '<%q>\n' "$f"; done

#: leading_dash
touch -- -n x; ls ./-*; echo ./*; rm -- -n; ls

#: loop_without_match
for f in *.nope; do [ -e "$f" ] || { echo "no files: $f"; continue; }; done

#: brace_and_glob
touch a.c a.h b.c; echo {a,b}.{c,h}; echo *.{c,h}; ls {a,b}.c

#: extended
shopt -s extglob; touch a1 a22 b1 c; echo a+([0-9]) @(a|b)1 !(a*) ?(b)1 *(c); echo a@(1|22)

#: symlinked_directories
mkdir d; touch d/f; ln -s d l; echo l/*; echo */f

#: case_sensitivity_of_ranges
touch a b B Z; echo [a-z]; echo [A-Z]

#: globignore
touch a.o b.c; GLOBIGNORE='*.o'; echo *

#: many_files
for i in {1..300}; do : > f$i; done; set -- f*; echo $#; rm f1*; set -- f*; echo $#

#: tilde_and_dot
cd .; echo ./; mkdir s; touch s/a; cd s; echo ../s/*; echo ./*

#: quoted_parts
touch 'my file1' 'my file2'; echo "my file"*; for f in my\ file?; do echo "$f"; done

#: pattern_matching_in_test
f=archive.tar.gz; [[ $f == *.tar.* ]] && echo tar; [[ $f == *.@(gz|bz2) ]] && echo ext; [[ $f != *.zip ]] && echo notzip

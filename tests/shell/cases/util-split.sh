#: lines and bytes
seq 10 > f; split -l 4 f; ls; cat xab; rm x*; split -b 10 f p; ls; rm p*; split -n 2 f; wc -c xaa xab; rm x*; split -d -l 5 f n; ls; rm n*; split -a 3 -l 5 f; ls; seq 3 | split -l 1 - q; cat qac; split --additional-suffix=.txt -l 5 f z; ls z*; split --numeric-suffixes=5 -l 5 f k; ls k*; split -C 6 f c; wc -c ca* | head -3; split -l 3 --verbose f v; split -n l/3 f L; cat Lab
#: csplit
seq 10 > f; csplit f 4 8; ls; cat xx01; printf 'a\n--\nb\n--\nc\n' > g; csplit -s -f part g '/--/' '{*}'; ls part*; cat part01; csplit -z -n 3 -f q g '/^--/' '{1}'; csplit -s --suppress-matched -f s g '/--/' '{*}'; cat s01; csplit f '/nomatch/'; echo $?; csplit f '%5%' -f r; cat r00 | head -1; csplit -b '%02d.txt' -f b -s f 3; ls b*


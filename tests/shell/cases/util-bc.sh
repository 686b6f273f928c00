#: arithmetic
echo '1+2*3' | bc; echo 'scale=4; 10/3' | bc; echo '2^100' | bc; echo '9^9^2' | bc; echo '10%3; -7/2; -7%2' | bc; echo '1.5*2.25' | bc; echo 'scale=2; 1/3*3' | bc; echo '.5+.5' | bc; echo '5/0' | bc 2>&1 | sed 's/(.*)//'; echo '123456789012345678901234567890 * 987654321098765432109876543210' | bc
#: variables and functions
printf 'x=5\ny=x*2\ny\nx+=3\nx\n++x\nx--\nx\n' | bc; printf 'define f(n) { if (n <= 1) return 1; return n * f(n-1); }\nf(25)\n' | bc; printf 'define m(a,b) {\n auto c\n c = a\n if (b > a) c = b\n return (c)\n}\nm(3,7)\n' | bc
#: loops
echo 'for (i=1;i<=5;i++) i^2' | bc; echo 'i=0; while (i<3) { i; i+=1 }' | bc; echo 'for(i=0;;i++) { if (i==3) break; if (i==1) continue; i }' | bc; echo 'a[3]=7; a[3]+1; a[0]' | bc
#: math library
echo 'scale=10; s(1); c(0); a(1)*4; l(2); e(1)' | bc -l; echo 'sqrt(2)' | bc -l; echo 'scale=3; sqrt(2)' | bc; echo '4*a(1)' | bc -l; echo '1/3' | bc -l; echo 'e(0.5)' | bc -l
#: bases
echo 'obase=16; 255' | bc; echo 'ibase=16; FF' | bc; echo 'obase=2; 10' | bc; echo 'ibase=2; 1010' | bc; echo 'obase=8; 64' | bc; echo 'obase=16; ibase=2; 11111111' | bc; echo 'obase=16; 0.5' | bc; echo 'obase=20; 399' | bc
#: output forms
echo 'print "a", 1+1, "\n"' | bc; echo '"text"; 5' | bc; echo 'length(12345); scale(1.234); length(0.001)' | bc; echo '1==1; 1<0; !0; 1&&0; 1||0' | bc; echo 'x = 5; (x = 6); last' | bc; echo '2^-2; scale=3; 2^-2' | bc; echo '100/7; scale=20; 100/7' | bc; echo '2^300' | bc; echo '# comment
1 /* inner */ + 1' | bc; bc <<< 'scale=2; 7.5/2.5'; echo '-5; -0.25; 0.0; 1.10+1' | bc; echo 'quit' | bc; echo 'halt' | bc; echo '1 +' | bc 2>/dev/null; echo '3 4' | bc 2>/dev/null; echo 'if (1) 2 else 3; if (0) 4 else 5' | bc


#: operators
echo $((7+3)) $((7-3)) $((7*3)) $((7/3)) $((7%3)) $((2**10)) $((-7/2)) $((-7%3)) $((7&3)) $((7|8)) $((7^2)) $((~7)) $((1<<4)) $((256>>2))

#: comparisons_and_logic
echo $((3>2)) $((3<2)) $((3==3)) $((3!=3)) $((3>=3)) $((1&&0)) $((1||0)) $((!1)) $((1?2:3)) $((0?2:3))

#: assignments
i=5; echo $((i+=3)) $((i-=1)) $((i*=2)) $((i/=3)) $((i%=3)) $((i<<=3)) $((i|=1)) $((i^=3)); echo $i

#: increments
i=1; echo $((i++)) $((++i)) $((i--)) $((--i)); ((i++)); echo $i

#: comma_and_nested
echo $(( a=3, b=a*2, a+b )) $(( (1+2) * (3+4) )) $(( ((2)) ))

#: variables_without_dollar
x=4 y=x z=y; echo $((z*2)); e='1+2'; echo $((e*2)); unset u; echo $((u+1)); s=; echo $((s+1))

#: bases
echo $((0xff)) $((0XFF)) $((010)) $((2#101)) $((16#ff)) $((64#_)) $((10#08))

#: sixty_four_bits
echo $((9223372036854775807)) $((9223372036854775807+1)) $((-9223372036854775808)) $((2**63)) $((1<<63))

#: double_parens_code
((0)); echo $?; ((5)); echo $?; ((1>2)) || echo no; if ((3>2)); then echo yes; fi

#: let_forms
let a=1+2 b=a*2; echo $a $b; let 'c = a ** 2' ; echo $c; let 0; echo $?; let "d=5" "d++"; echo $d

#: declare_i
declare -i n; n=2+3; echo $n; n='n*2'; echo $n; n=abc; echo $n

#: division_by_zero
#! stderr
echo $((1/0)); echo after

#: division_by_zero_in_double_parens
((1/0)); echo $?; echo $((5%0)) ; echo no

#: syntax_error_in_expression
echo $((1+)); echo after

#: bad_octal
#! stderr
echo $((08)); echo after

#: c_style_for
for ((i=0, j=10; i<j; i+=3, j--)); do echo $i $j; done; for ((;;)); do break; done; echo done $i

#: conditional_in_loop
for i in {1..15}; do if ((i%15==0)); then echo FizzBuzz; elif ((i%3==0)); then echo Fizz; elif ((i%5==0)); then echo Buzz; else echo $i; fi; done | tr '\n' ' '; echo

#: short_circuit
i=0; ((0 && i++)); ((1 || i++)); echo $i; ((1 && i++)); echo $i

#: hex_output
printf '%x %X %o %#x %d\n' 255 255 8 255 0x10

#: ternary_chain
for n in -1 0 1; do echo $(( n<0 ? -1 : n==0 ? 0 : 1 )); done

#: gcd_and_primes
gcd() { local a=$1 b=$2 t; while ((b)); do t=$((a%b)) a=$b b=$t; done; echo $a; }; gcd 48 18
for ((n=2;n<30;n++)); do p=1; for ((d=2;d*d<=n;d++)); do ((n%d==0)) && { p=0; break; }; done; ((p)) && printf '%d ' $n; done; echo

#: fibonacci_recursive
fib() { if (($1<2)); then echo $1; else echo $(( $(fib $(($1-1))) + $(fib $(($1-2))) )); fi; }; fib 8

#: spaces_and_newlines
echo $((
  1 +
  2
)) $(( 3 + 4 ))

#: quotes_in_arith
x=5; echo $(("x"+1)) $(( "$x" * 2 ))

#: substitutions_in_arith
echo $(( $(echo 4) * ${#PWD} / ${#PWD} + `echo 1` ))

#: array_index_side_effects
i=0; a[i++]=x; a[i++]=y; echo $i ${a[@]}

#: dollar_bracket
echo $[1+2]

#: precedence
echo $((2+3*4**2)) $((-2**2)) $((1+2<<1)) $((5&3==3)) $((!0+1)) $((2**3**2))

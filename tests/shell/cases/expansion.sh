#: default_values
unset u; e=; v=val
echo "${u-a} ${u:-b} ${e-c} ${e:-d} ${v-e} ${v:-f}"
echo "${u+a}|${u:+b}|${e+c}|${e:+d}|${v+e}|${v:+f}"
echo "${u=new} $u ${e:=filled} $e"

#: unset_with_message
#! stderr
(echo "${nope:?is not set}"; echo not here)
echo "code $?"
(echo "${nope?}")
echo "code $?"

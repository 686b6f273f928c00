#: command_not_found
#! stderr
nosuchcommand a b; echo $?
x=1 othermissing; echo $?
missing_in_pipe | cat; echo ${PIPESTATUS[0]}

#: command_not_found_later_line
#! stderr
echo one

nosuchcommand
echo two

#: file_not_found_command
#! stderr
./nosuch.sh; echo $?
/no/such/thing; echo $?

#: permission_denied
#! stderr
echo 'echo x' > f; ./f; echo $?

#: is_a_directory
#! stderr
mkdir d; ./d; echo $?

#: syntax_error_fi
if true; then echo a

#: syntax_error_paren
#! stderr
echo a
echo )

#: syntax_error_in_eval
eval 'if' 2>/dev/null; echo $?; eval 'echo (' 2>/dev/null; echo "$?"; echo after

#: syntax_error_in_child
bash -c 'for' 2>/dev/null; echo $?; echo 'if [' > s; bash s 2>/dev/null; echo $?; sh -c 'echo "' 2>/dev/null; echo $?

#: syntax_error_in_sourced
echo 'if then' > s; . ./s 2>/dev/null; echo "$?"; echo after

#: done_without_do
done

#: unexpected_semicolons
;; echo a

#: empty_compound
if true; then fi

#: bad_function
f( { echo; }

#: bad_substitution
#! stderr
echo ${x!}; echo after

#: readonly_assignment
readonly x=1; x=2; echo after

#: bad_array_subscript
a=(1 2); echo ${a[-5]} 2>/dev/null; echo after

#: invalid_identifier
#! stderr
export 1x=2; echo $?; declare a-b=1; echo $?; unset 1x; echo $?

#: utilities_messages
#! stderr
cat nofile; echo $?; rm nofile; echo $?; rmdir nodir; echo $?; cp nofile x; echo $?; mv nofile x; echo $?; head nofile; echo $?

#: ls_message
#! stderr
ls nofile; echo $?

#: grep_message
#! stderr
grep x nofile; echo $?; grep -s x nofile; echo $?

#: exit_stops
echo a; exit 3; echo b

#: last_command_decides
true; false

#: code_of_not_found
nosuchcommand 2>/dev/null

#: missing_interpreter
#! stderr
printf '#!/no/such/interp\necho x\n' > f; chmod +x f; ./f; echo $?

#: too_many_arguments_test
#! stderr
[ a = b c ]; echo $?

#: integer_expected
#! stderr
[ x -gt 1 ]; echo $?

#: unary_expected
#! stderr
x=; [ $x = a ]; echo $?

#: ambiguous_redirect
#! stderr
f='a b'; echo x > $f; echo $?

#: cd_too_many
#! stderr
cd a b; echo $?

#: division_in_let
let 'x=1/0' 2>/dev/null; echo $?

#: break_outside
#! stderr
break; echo $?; continue; echo $?

#: shift_negative
shift -1 2>/dev/null; echo $?; set -- a; shift 3; echo $?

#: invalid_option
set -Z 2>/dev/null; echo $?; cd -Z 2>/dev/null; echo $?; export -Z 2>/dev/null; echo $?; read -Z 2>/dev/null; echo $?

#: pipe_failure_inside_condition
if nosuch 2>/dev/null | grep x; then echo y; else echo n; fi

#: error_in_substitution_continues
x=$(nosuch 2>/dev/null); echo "code $? [$x]"; echo "a$(false)b" $?

#: exec_missing
(exec nosuchcmd 2>/dev/null); echo $?; exec nosuchcmd 2>/dev/null; echo never

#: unknown_utility_option
ls --nosuchoption > /dev/null 2>&1; echo $?; grep --nosuchoption x > /dev/null 2>&1; echo $?; sort --nosuchoption < /dev/null > /dev/null 2>&1; echo $?

#: missing_operands
cp 2>/dev/null; echo $?; mv a 2>/dev/null; echo $?; rm 2>/dev/null; echo $?; mkdir 2>/dev/null; echo $?; touch 2>/dev/null; echo $?

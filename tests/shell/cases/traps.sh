#: exit_trap
trap 'echo bye' EXIT; echo hi

#: exit_trap_keeps_code
trap 'echo "code $?"' EXIT; exit 5

#: exit_trap_changes_code
trap 'exit 9' EXIT; exit 5

#: exit_trap_in_subshell
(trap 'echo sub' EXIT; echo in); echo out

#: exit_trap_cleanup
t=$(mktemp -d); trap 'rm -rf "$t"; echo cleaned' EXIT; touch $t/f; ls $t

#: exit_trap_of_child_script
cat > s.sh <<'E'
trap 'echo "child ends"' EXIT
echo body
E
bash s.sh; echo parent

#: err_trap
trap 'echo "err $?"' ERR; true; false; (exit 3); false || true; if false; then :; fi; echo end

#: err_trap_with_set_e
set -e; trap 'echo "failed with $?"' ERR; echo a; (exit 4); echo b

#: err_trap_in_function
trap 'echo trapped' ERR; f() { false; true; }; f; set -E; f

#: debug_trap
x=0; trap '((x++))' DEBUG; :; :; trap - DEBUG; echo $x

#: return_trap
f() { trap 'echo returning' RETURN; echo body; }; f

#: signals
trap 'echo got usr1' USR1; kill -USR1 $$; echo after; trap 'echo int' INT; kill -INT $$; echo end

#: reset_and_ignore
trap 'echo x' USR1; trap - USR1; trap '' USR2; kill -USR2 $$; echo alive

#: listing
trap 'echo a' EXIT; trap -p EXIT; trap 'b c' INT; trap -p INT; trap - EXIT INT; trap -p

#: term_ends_script
(kill -TERM $BASHPID; sleep 0.2; echo never); echo $?

#: trap_in_function_is_global
f() { trap 'echo from f' EXIT; }; f; echo main

#: nested_quotes
v=1; trap "echo early $v" EXIT; v=2; trap 'echo late $v' USR1; kill -USR1 $$

#: exit_in_trap_function
cleanup() { echo "cleanup $1"; exit 3; }; trap 'cleanup $?' EXIT; false

#: order_with_error
set -eu; trap 'echo E' EXIT; trap 'echo R' ERR; false; echo no

#: unset_variable_runs_exit_trap
set -u; trap 'echo end' EXIT; echo $nope; echo no

#: err_trap_line
trap 'echo "line $LINENO"' ERR
true
false
echo end

#: exec_replaces
trap 'echo never' EXIT; exec echo replaced

//! What is rewritten, and what is not.

use super::rewritten;
use std::borrow::Cow;
use std::collections::BTreeSet;

fn changed(script: &str) -> Option<String> {
    match rewritten(script, &mut BTreeSet::new()) {
        Cow::Owned(new) => Some(new),
        Cow::Borrowed(_) => None,
    }
}

#[test]
fn ordinary_scripts_stay_as_they_are() {
    for script in [
        "echo ${a:-b} \"${c##*/}\" ${d[1]} \"${e[@]}\" ${f/x/y} ${#g} ${!h}",
        "x=${y:-${z:-w}}; echo \"${x%\"$y\"}\" ${x:-$(pwd)}",
        "set -- \"${a[@]+\"${a[@]}\"}\"",
        "cat <<'E'\n${u:-${a[1]}} {1..20000}\nE\necho",
        "echo '${u:-${a[1]}}' # ${u:-${a[1]}}",
        "case $x in a) echo \"$(case y in y) echo \")\";; esac)\";; esac",
        "echo {1..10} {a,b} x{1..20000}",
        "((i = 1 << 2)); echo $((${a[1]} + 1)) $(( (1 + 2) * 3 ))",
        "[[ $x =~ ^[^)]+(a|b)$ ]] && echo ${BASH_REMATCH[1]}",
        "while read x; do :; done < a > b; { :; } 3> c; { :; } >f 3>&1; { :; } 3>&-; { :; } 3<<E\nE\n",
        "echo source <(true); source ./file; . lib.sh; export -f",
        "${unclosed",
        "echo \"unclosed ${a[1]",
        "$((",
        "cat <<E",
    ] {
        assert_eq!(changed(script), None, "{script}");
    }
}

#[test]
fn hidden_parts_become_substitutions() {
    let element = "$(eval $'printf %s \\x22\\x24\\x7ba\\x5b1\\x5d\\x7d\\x22')";
    assert_eq!(changed("echo ${u:-${a[1]}}").unwrap(), format!("echo ${{u:-{element}}}"));
    assert_eq!(changed("echo \"${u:-\"${a[1]}\"}\"").unwrap(), format!("echo \"${{u:-{element}}}\""));
    assert_eq!(changed("echo ${s//%/x}").unwrap(), "echo ${s//[%]/x}");
    assert_eq!(changed("echo \"${m[\"$k-2\"]}\"").unwrap(), "echo \"${m[$k-2]}\"");
    assert_eq!(changed("declare -A m; echo ${m[$k-2]} ${m[$k]}").unwrap(), "declare -A m; echo ${m[''$k-2]} ${m[$k]}");
    assert!(changed("echo \"${u:-$(f \"a b\")}\"").unwrap().starts_with("echo \"${u:-$(eval $'f \\x22a b\\x22')}"));
    assert!(changed("echo \"${s/${p}/q}\"").unwrap().starts_with("echo \"$(eval $'p_="));
    assert!(changed("cat <<E\n${u:-${a[1]}}\nE\n").unwrap().ends_with("}\nE\n"));
    assert!(changed("echo ${!:+x}").unwrap().starts_with("echo $(eval $'v_="));
}

#[test]
fn commands_are_replaced() {
    assert_eq!(changed("if [[ -o nounset ]]; then x; fi").unwrap(), "if [ -o nounset ]; then x; fi");
    assert_eq!(changed("source <(f x); g").unwrap(), "eval \"$(f x)\"; g");
    assert_eq!(changed(". <(f x) a").unwrap(), "_source <(f x) a");
    assert_eq!(changed("source /dev/stdin <<< x").unwrap(), "_source /dev/stdin <<< x");
    assert_eq!(
        changed("export -f f g; x").unwrap(),
        "_export_functions f \"$(declare -f f)\" g \"$(declare -f g)\"; x"
    );
    assert_eq!(
        changed("while read x <&3; do :; done 3< a 4<\"$b\" >out | sort").unwrap(),
        "if exec 3< a 4<\"$b\"; then while read x <&3; do :; done   >out; else false; fi | sort"
    );
    assert_eq!(
        changed("{ :; } 3< <(f); if true; then x; fi 4<&5").unwrap(),
        "if exec 3< <(f); then { :; } ; else false; fi; if true; then x; fi 4<&5"
    );
    let long = changed("for i in {1..10001}; do :; done").unwrap();
    assert!(long.starts_with("for i in 1 2 3 ") && long.ends_with(" 10001; do :; done"));
}

#[test]
fn hostile_text_ends() {
    for script in ["${".repeat(3000), "$(".repeat(3000), "\"$(".repeat(3000), "{".repeat(100_000), "${a[".repeat(3000)]
    {
        rewritten(&script, &mut BTreeSet::new());
    }
}

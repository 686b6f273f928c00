#: codes
timeout 5 true; echo $?; timeout 5 false; echo $?; timeout 0.1 sleep 5; echo $?; timeout 5 sh -c 'exit 7'; echo $?; timeout 0 echo zero; timeout 1m echo m; timeout 1h echo h; timeout 1d echo d; timeout 0.5s echo s; timeout 10 sh -c 'exit 124'; echo $?
#: signals
timeout -s INT 0.1 sleep 5; echo $?; timeout --signal=TERM 0.1 sleep 5; echo $?; timeout -s HUP 0.1 sleep 5; echo $?; timeout -s 2 0.1 sleep 5; echo $?; timeout -s SIGTERM 0.1 sleep 5; echo $?; timeout --preserve-status 0.1 sleep 5; echo $?; timeout --preserve-status -s INT 0.1 sleep 5; echo $?; timeout --preserve-status -s HUP 0.1 sleep 5; echo $?; timeout -k 1 0.1 sleep 5; echo $?; timeout --kill-after=1 5 echo done; timeout --preserve-status 5 sh -c 'exit 3'; echo $?
#: killed
(timeout -s KILL 0.1 sleep 5; echo $?) 2>/dev/null; (timeout -s 9 0.1 sleep 5; echo $?) 2>/dev/null
#: messages
#! stderr
timeout; echo $?; timeout 1; echo $?; timeout x echo; echo $?; timeout -1 echo; echo $?; timeout -s NOPE 1 echo; echo $?; timeout -k x 1 echo; echo $?; timeout -Z 1 echo; echo $?; timeout 1 nosuchcommand; echo $?; timeout -v 0.1 sleep 5; echo $?; timeout --nope 1 echo; echo $?
#: streams
echo in | timeout 5 cat; timeout 5 cat <<< here; timeout 5 sh -c 'echo out; echo err >&2' 2>/dev/null; printf 'a\nb\n' | timeout 5 wc -l; x=$(timeout 5 echo captured); echo "$x"; timeout 5 echo to > f; cat f; timeout 5 bash -c 'while read l; do echo "got $l"; done' <<< $'1\n2'; timeout 5 env A=1 sh -c 'echo $A'; A=2 timeout 5 sh -c 'echo $A'
#: in conditions
if timeout 5 test -d .; then echo yes; fi; timeout 0.1 sleep 5 || echo late; timeout 5 true && echo in time; set -e; timeout 5 echo strict; timeout 0.1 sleep 5 || echo $?; for i in 1 2; do timeout 5 echo $i; done; timeout 5 timeout 0.1 sleep 5 || echo inner $?; timeout 5 sh -c 'cd /; echo "$PWD"'; timeout 5 false; echo never
#: partial output
timeout 0.5 sh -c 'echo first; sleep 5; echo second'; echo $?

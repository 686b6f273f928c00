#: backup_and_restore
mkdir -p proj/src; echo one > proj/src/a.txt; echo two > proj/b.txt; ln -s b.txt proj/link
backup() { tar -czf "backup-$1.tar.gz" -C proj . && echo "saved backup-$1.tar.gz"; }
backup 1
echo changed > proj/b.txt; rm proj/src/a.txt
mkdir restored && tar -xzf backup-1.tar.gz -C restored
cat restored/b.txt restored/src/a.txt; readlink restored/link
diff -r proj restored > /dev/null; echo "differs $?"
cp -a restored/. proj/
diff -r proj restored && echo identical
tar -tzf backup-1.tar.gz | sort
for f in backup-*.tar.gz; do [ -s "$f" ] && echo "${f%.tar.gz} ok"; done

#: menu_with_functions
cmd_list() { printf '%s\n' "${tasks[@]:-(none)}"; }
cmd_add() { tasks+=("$*"); echo "added: $*"; }
cmd_done() { local i=$(( $1 - 1 )); [[ -v tasks[i] ]] || { echo "no task $1" >&2; return 1; }; echo "done: ${tasks[i]}"; unset 'tasks[i]'; tasks=("${tasks[@]}"); }
cmd_help() { compgen -A function cmd_ | sed 's/^cmd_//' | sort | tr '\n' ' '; echo; }
tasks=()
main() {
  local c=${1:-help}; (($#)) && shift
  if declare -F "cmd_$c" > /dev/null; then "cmd_$c" "$@"; else echo "unknown: $c"; return 2; fi
}
main; main list; main add buy milk; main add write tests; main list; main done 1; main list
main done 7 2>&1; echo "code $?"; main nope; echo "code $?"

#: access_log_analysis
cat > access.log <<'L'
10.0.0.1 - - [01/Jan/2024:10:00:01 +0000] "GET /index.html HTTP/1.1" 200 1024
10.0.0.2 - - [01/Jan/2024:10:00:02 +0000] "GET /missing HTTP/1.1" 404 210
10.0.0.1 - - [01/Jan/2024:10:00:09 +0000] "POST /api/login HTTP/1.1" 302 0
10.0.0.3 - - [01/Jan/2024:10:01:00 +0000] "GET /index.html HTTP/1.1" 200 1024
10.0.0.2 - - [01/Jan/2024:10:02:30 +0000] "GET /api/data?x=1 HTTP/1.1" 500 99
L
echo "requests: $(wc -l < access.log)"
echo "by status:"; awk '{print $9}' access.log | sort | uniq -c | awk '{print "  " $2 ": " $1}'
echo "top ips:"; cut -d' ' -f1 access.log | sort | uniq -c | sort -k1,1rn -k2 | head -2
echo "bytes: $(awk '{s+=$NF} END {print s}' access.log)"
echo "errors:"; awk '$9>=400 {gsub(/"/,"",$6); print "  " $6, $7, $9}' access.log
grep -oP '(?<=GET )\S+' access.log | sed 's/?.*//' | sort -u
sed -nE 's/.*\[([^:]+):([0-9]+:[0-9]+).*/\2/p' access.log | uniq -c
awk -F'"' '{split($2,a," "); m[a[1]]++} END {for (k in m) print k, m[k]}' access.log | sort

#: env_file_loader
cat > .env <<'E'
# settings
DB_HOST=localhost
DB_PORT=5432
DB_NAME="my database"
EMPTY=
export API_KEY='abc$def'
E
load() {
  local line key val
  while IFS= read -r line || [ -n "$line" ]; do
    [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
    line=${line#export }
    key=${line%%=*}; val=${line#*=}
    val=${val%\"}; val=${val#\"}; val=${val%\'}; val=${val#\'}
    export "$key=$val"
  done < "$1"
}
load .env
echo "$DB_HOST:$DB_PORT/$DB_NAME [$EMPTY] $API_KEY"
bash -c 'echo "child sees $DB_NAME"'
set -a; . ./.env; set +a; env | grep -c '^DB_'
env -i HOST=x bash -c 'echo "${DB_HOST:-clean}"'
for v in DB_HOST NOPE; do if [[ -v $v ]]; then echo "$v=${!v}"; else echo "$v missing"; fi; done
printenv DB_PORT

#: makefile_like_targets
set -e
stamp() { mkdir -p .stamps; echo "$1" > ".stamps/$1"; }
target_clean() { rm -rf out .stamps; echo cleaned; }
target_prepare() { mkdir -p out; stamp prepare; echo prepared; }
target_build() { need prepare; for f in a b; do echo "obj $f" > out/$f.o; done; stamp build; echo built; }
target_link() { need build; cat out/*.o > out/app; stamp link; echo linked; }
need() { [ -e ".stamps/$1" ] || "target_$1"; }
need link
echo "--"; need link; echo "nothing to do"
rm .stamps/link; need link
cat out/app
target_clean; [ ! -e out ] && echo gone

#: url_and_string_parsing
url='https://user:pw@example.org:8443/a/b/c.html?x=1&y=two%20words#frag'
re='^([a-z]+)://(([^:@]+)(:([^@]*))?@)?([^:/]+)(:([0-9]+))?(/[^?#]*)?(\?([^#]*))?(#(.*))?$'
[[ $url =~ $re ]] && for i in 1 3 5 6 8 9 11 13; do echo "$i ${BASH_REMATCH[i]}"; done
decode() { local s=${1//+/ }; printf '%b\n' "${s//%/\\x}"; }
encode() { local s=$1 i c out=; for ((i=0;i<${#s};i++)); do c=${s:i:1}; case $c in [a-zA-Z0-9._~-]) out+=$c;; *) printf -v c '%%%02X' "'$c"; out+=$c;; esac; done; echo "$out"; }
decode 'two%20words%21'; encode 'a b&c/d'
IFS='&' read -ra params <<< "${url#*\?}"; for p in "${params[@]}"; do echo "${p%%=*} = ${p#*=}"; done
path=${url#*//}; path=/${path#*/}; path=${path%%\?*}; echo "$path ${path##*/} $(basename "$path" .html) $(dirname "$path")"
slug='Hello, World! This is   Fun'; slug=$(echo "$slug" | tr A-Z a-z | tr -cs a-z0-9 - | sed 's/^-//;s/-$//'); echo "$slug"

#: queue_with_workers
mkdir -p q/todo q/done
for i in 1 2 3 4 5 6; do echo "job $i" > q/todo/$i; done
worker() {
  local f n
  for f in q/todo/*; do
    [ -e "$f" ] || continue
    n=${f##*/}
    if mv "$f" "q/done/$n.$1" 2>/dev/null; then echo "$1" >> q/log; fi
  done
}
worker a & worker b & wait
ls q/todo | wc -l; ls q/done | wc -l; wc -l < q/log
pids=(); for i in 1 2 3; do (sleep 0.0$i; exit $i) & pids+=($!); done
for p in "${pids[@]}"; do wait "$p"; echo "ended with $?"; done
results=$(for i in 3 1 2; do (echo "r$i") & done; wait); echo "$results" | sort | tr '\n' ' '; echo

#: markdown_toc
cat > doc.md <<'M'
# Title
Intro text.
## First part
```sh
# not a heading
```
### Detail: a/b
## Second part!
M
toc() {
  local in_code=0 line level text anchor
  while IFS= read -r line; do
    [[ $line == '```'* ]] && { in_code=$((1-in_code)); continue; }
    ((in_code)) && continue
    if [[ $line =~ ^(#+)[[:space:]]+(.*)$ ]]; then
      level=${#BASH_REMATCH[1]}; text=${BASH_REMATCH[2]}
      anchor=$(tr 'A-Z ' 'a-z-' <<< "$text" | tr -cd 'a-z0-9-')
      printf '%*s- [%s](#%s)\n' $(( (level-1)*2 )) '' "$text" "$anchor"
    fi
  done < "$1"
}
toc doc.md
awk '/^```/{c=!c;next} !c && /^#/{n++} END{print n " headings"}' doc.md
{ head -1 doc.md; echo; toc doc.md; echo; tail -n +2 doc.md; } > new.md
wc -l < new.md; sed -n '3,4p' new.md

#: disk_usage_report
mkdir -p d/{x,y}; head -c 3000 /dev/zero > d/x/big; head -c 10 /dev/zero > d/x/small; head -c 500 /dev/zero > d/y/mid
human() { local b=$1 u=(B K M G) i=0; while ((b >= 1024 && i < 3)); do b=$((b/1024)); ((i++)); done; echo "$b${u[i]}"; }
find d -type f -printf '%s %p\n' | sort -rn | while read -r s p; do printf '%6s %s\n' "$(human $s)" "$p"; done
total=0; while read -r s; do ((total+=s)); done < <(find d -type f -exec stat -c %s {} +); echo "total $total $(human $total)"
find d -type f -size +1k; find d -type f -size -1000c | sort
find d -name '*i*' -type f -exec basename {} \; | sort
find d -type f -newer d/x/none 2>/dev/null | wc -l
for dir in d/*/; do n=$(find "$dir" -type f | wc -l); echo "$dir $n"; done
find d -type f -name small -delete; ls d/x

#: patch_and_apply
mkdir a b
printf 'line 1\nline 2\nline 3\nline 4\n' > a/f; cp a/f b/f
sed -i 's/line 2/line two/; $a line 5' b/f
diff -u a/f b/f | tail -n +3
diff -u a/f b/f > change.diff
cp a/f work; patch work < change.diff > /dev/null && cmp work b/f && echo same
patch -R work < change.diff > /dev/null && cmp work a/f && echo reverted
grep -c '^[+-][^+-]' change.diff
diff a/f a/f && echo "no difference"
comm -3 <(sort a/f) <(sort b/f)

#: input_validation
valid_email() { [[ $1 =~ ^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$ ]]; }
valid_ip() { local IFS=. o; [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || return 1; for o in $1; do ((o <= 255)) || return 1; done; }
valid_date() { [[ $1 =~ ^([0-9]{4})-([0-9]{2})-([0-9]{2})$ ]] && ((10#${BASH_REMATCH[2]} >= 1 && 10#${BASH_REMATCH[2]} <= 12)); }
for e in a@b.co bad@ x.y+z@sub.example.org; do valid_email "$e" && echo "ok $e" || echo "no $e"; done
for i in 1.2.3.4 256.1.1.1 1.2.3 01.2.3.4; do valid_ip "$i" && echo "ok $i" || echo "no $i"; done
for d in 2024-02-28 2024-13-01 24-1-1 2024-08-09; do valid_date "$d" && echo "ok $d" || echo "no $d"; done
is_number() { [[ $1 =~ ^-?[0-9]+(\.[0-9]+)?$ ]]; }
for n in 1 -2.5 abc 1. ''; do is_number "$n" && echo "num $n" || echo "nan '$n'"; done
read -r -p 'name? ' name <<< '  bob  '; echo "[$name]"
case yes in [yY]|[yY][eE][sS]) echo confirmed;; *) echo denied;; esac

#: service_state_machine
state=stopped log=()
transition() {
  local from=$state event=$1
  case "$state:$event" in
    stopped:start) state=starting ;;
    starting:ready) state=running ;;
    running:stop|starting:stop) state=stopping ;;
    stopping:exit) state=stopped ;;
    running:crash) state=failed ;;
    failed:start) state=starting ;;
    *) log+=("ignored $event in $state"); return 1 ;;
  esac
  log+=("$from -> $state")
}
for e in start ready ready crash start stop exit stop; do transition $e || true; done
printf '%s\n' "${log[@]}"; echo "final $state, ${#log[@]} entries"
printf '%s\n' "${log[@]}" | grep -c ignored
[[ $state == stopped ]] && echo clean

#: shell_calculator
calc() {
  local expr=$*
  [[ $expr =~ ^[0-9+*/%()\ -]+$ ]] || { echo "bad expression: $expr" >&2; return 1; }
  echo $(( expr ))
}
calc '2 + 3 * 4'; calc '(2 + 3) * 4'; calc 17 % 5; calc 'rm -rf' 2>&1; echo "code $?"
average() { local s=0 n; for n; do s=$((s+n)); done; awk -v s=$s -v n=$# 'BEGIN{printf "%.2f\n", s/n}'; }
average 1 2 3 4; average 10
max() { local m=$1 n; for n; do ((n>m)) && m=$n; done; echo $m; }; max 3 9 2
to_bin() { local n=$1 b=; while ((n)); do b=$((n%2))$b; ((n/=2)); done; echo ${b:-0}; }; to_bin 10; to_bin 0
echo "scale=3; 10/3" | bc; echo '2^10' | bc; printf '%d\n' $((2#1010)); printf '%o %x\n' 64 255
roman() { local n=$1 r=; local v=(1000 900 500 400 100 90 50 40 10 9 5 4 1) s=(M CM D CD C XC L XL X IX V IV I) i; for i in "${!v[@]}"; do while ((n>=v[i])); do r+=${s[i]}; ((n-=v[i])); done; done; echo $r; }; roman 1994; roman 2024

#: git_changelog_from_text
cat > commits.txt <<'C'
a1b2c3|feat(api): add search endpoint
d4e5f6|fix: crash on empty input
0a1b2c|docs: explain setup
9f8e7d|feat!: drop old format
5c4b3a|chore(deps): update things
6d7e8f|fix(ui): wrong colour
C
declare -A title=([feat]=Features [fix]=Fixes [docs]=Documentation)
for type in feat fix docs; do
  echo "### ${title[$type]}"
  while IFS='|' read -r hash msg; do
    if [[ $msg =~ ^$type(\(([a-z]+)\))?(!)?:\ (.+)$ ]]; then
      scope=${BASH_REMATCH[2]:+**${BASH_REMATCH[2]}**: }
      echo "- ${BASH_REMATCH[3]:+[breaking] }$scope${BASH_REMATCH[4]} ($hash)"
    fi
  done < commits.txt
  echo
done
cut -d'|' -f2 commits.txt | sed -E 's/^([a-z]+).*/\1/' | sort | uniq -c | sort -rn | awk '{printf "%s=%s ", $2, $1} END {print ""}'

#: batch_convert
mkdir in out
for i in 1 2 3; do printf 'name: item%d\nvalue: %d\n' $i $((i*10)) > in/$i.yaml; done
printf 'broken\n' > in/4.yaml
convert() {
  local src=$1 dst=$2 name value
  name=$(sed -n 's/^name: *//p' "$src"); value=$(sed -n 's/^value: *//p' "$src")
  [[ -n $name && -n $value ]] || return 1
  printf '{"name":"%s","value":%d}\n' "$name" "$value" > "$dst"
}
ok=0 bad=()
for f in in/*.yaml; do
  b=$(basename "$f" .yaml)
  if convert "$f" "out/$b.json"; then ok=$((ok+1)); else bad+=("$b"); fi
done
echo "converted $ok, failed ${#bad[@]}: ${bad[*]}"
cat out/*.json | jq -s -c 'map(.value) | {sum: add, max: max}'
jq -r '"\(.name)\t\(.value)"' out/*.json | column -t
[ ${#bad[@]} -eq 0 ] || exit 3

#: permissions_audit
mkdir -p app/bin app/etc; echo x > app/bin/run; echo y > app/etc/conf; echo z > app/etc/key
chmod 755 app/bin/run; chmod 644 app/etc/conf; chmod 600 app/etc/key
find app -type f | sort | while read -r f; do echo "$(stat -c '%a' "$f") $f"; done
find app -type f -perm 600; find app -type f -perm -u+x; find app -type f ! -perm -o+r
for f in app/etc/*; do m=$(stat -c %A "$f"); case $m in -rw-------) echo "private $f";; *) echo "open $f $m";; esac; done
chmod -R go-r app/etc; stat -c '%a %n' app/etc/*; chmod +x app/etc/conf; [ -x app/etc/conf ] && echo exec; chmod a-x,u=rw app/etc/conf; stat -c %a app/etc/conf
ls -l app/bin/run | cut -c1-10

#: here_doc_code_generator
gen_class() {
  local name=$1; shift
  cat <<E
class $name:
    def __init__(self$(printf ', %s' "$@")):
$(for f in "$@"; do echo "        self.$f = $f"; done)

    def __repr__(self):
        return f"$name($(printf '%s={self.%s}, ' $(for f in "$@"; do echo $f $f; done) | sed 's/, $//'))"
E
}
gen_class Point x y > point.py
cat point.py
grep -c self point.py
{ echo 'enum Color {'; for c in red green blue; do echo "    ${c^},"; done; echo '}'; } | tee color.rs
for n in 1 2 3; do printf 'fn f%d() -> i32 { %d }\n' $n $((n*n)); done > gen.rs; sed -n '2p' gen.rs; awk -F'[ ()]' '{print $2}' gen.rs | paste -sd' '

#: date_and_time_work
d=2024-02-28
next=$(date -u -d "$d + 1 day" +%F); echo $next
date -u -d "$d 12:30:00" +%s; date -u -d @86400 '+%Y-%m-%d %H:%M:%S'; date -u -d '2024-03-01 -1 day' +%A
for i in 0 1 2; do date -u -d "2024-01-30 +$i days" +%m/%d; done
a=$(date -u -d 2024-01-01 +%s) b=$(date -u -d 2024-03-01 +%s); echo $(( (b-a)/86400 )) days
dur() { local s=$1; printf '%02d:%02d:%02d\n' $((s/3600)) $((s%3600/60)) $((s%60)); }; dur 3725; dur 59
IFS=- read -r y m dd <<< "$d"; echo "$dd.$m.$y"; (( y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) )) && echo leap
touch -d '2020-05-05 05:05:05' old; stat -c %y old | cut -d. -f1; date -u -r old +%F
date -u -d '2024-07-04T15:00:00Z' +%j; [[ $(date +%Y) -ge 2024 ]] && echo now

#: sorting_structures
cat > people.txt <<'P'
ann:31:berlin
bob:25:paris
cy:47:berlin
di:25:rome
P
sort -t: -k2,2n -k1,1r people.txt; sort -t: -k3,3 -u people.txt | cut -d: -f3; sort -t: -k2nr people.txt | head -1
declare -A by_city; while IFS=: read -r n a c; do by_city[$c]+="$n "; done < people.txt
for c in $(printf '%s\n' "${!by_city[@]}" | sort); do echo "$c: ${by_city[$c]% }"; done
bubble() { local a=("$@") i j t n=$#; for ((i=0;i<n;i++)); do for ((j=0;j<n-i-1;j++)); do if ((a[j]>a[j+1])); then t=${a[j]}; a[j]=${a[j+1]}; a[j+1]=$t; fi; done; done; echo "${a[@]}"; }; bubble 5 3 9 1 4
join -t: <(sort people.txt) <(printf 'ann:x\ncy:z\n') ; awk -F: '{a[$3]=a[$3]?a[$3]","$1:$1} END{for(c in a)print c,a[c]}' people.txt | sort
uniq -d <(cut -d: -f2 people.txt | sort); tac people.txt | head -1; shuf -n 2 people.txt | wc -l; nl -ba people.txt | tail -1

#: error_report_with_trap
set -Eeuo pipefail
on_error() { local code=$?; echo "error: code $code in ${FUNCNAME[1]:-main}"; }
cleanup() { echo "cleanup: $(ls work | tr '\n' ' ')"; rm -rf work; }
trap on_error ERR
trap cleanup EXIT
mkdir work; touch work/partial
step() { echo "step $1"; [ "$1" != 3 ]; }
process() { for i in 1 2 3 4; do step $i; done; }
process
echo "not reached"

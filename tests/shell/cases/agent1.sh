#: build_log_summary
cat > build.log <<'LOG'
[12:00:01] INFO  compile: src/main.c
[12:00:02] WARN  compile: src/util.c:14: unused variable 'x'
[12:00:03] ERROR compile: src/net.c:88: undeclared identifier 'sock'
[12:00:04] INFO  compile: src/io.c
[12:00:05] WARN  compile: src/io.c:3: implicit declaration
[12:00:06] ERROR link: undefined reference to `foo'
[12:00:07] INFO  done in 6.2s
LOG
declare -A count
while read -r time level rest; do
  count[$level]=$(( ${count[$level]:-0} + 1 ))
done < build.log
for level in ERROR WARN INFO; do
  printf '%-6s %d\n' "$level" "${count[$level]}"
done
echo "--- errors"
grep -n ERROR build.log | sed -E 's/^([0-9]+):\[([0-9:]+)\] ERROR +/line \1 at \2: /'
echo "--- files with warnings"
grep WARN build.log | grep -oE 'src/[a-z]+\.c' | sort -u
elapsed=$(sed -n 's/.*done in \([0-9.]*\)s.*/\1/p' build.log)
echo "elapsed: $elapsed"
if (( ${count[ERROR]} > 0 )); then
  echo "BUILD FAILED" >&2
  exit 1
fi

#: csv_report
cat > sales.csv <<'CSV'
date,region,product,qty,price
2024-01-03,north,apple,10,0.50
2024-01-04,south,pear,4,0.80
2024-01-05,north,fig,7,1.25
2024-02-01,east,apple,3,0.55
2024-02-02,south,apple,12,0.50
2024-02-03,north,pear,1,0.90
CSV
echo "rows: $(( $(wc -l < sales.csv) - 1 ))"
echo "== by region"
awk -F, 'NR>1 {t[$2]+=$4*$5} END {for (r in t) printf "%s %.2f\n", r, t[r]}' sales.csv | sort
echo "== by month"
tail -n +2 sales.csv | while IFS=, read -r d r p q pr; do
  echo "${d%-*} $q"
done | awk '{s[$1]+=$2} END {for (m in s) print m, s[m]}' | sort
echo "== top product"
cut -d, -f3,4 sales.csv | tail -n +2 | sort | awk -F, '{s[$1]+=$2} END {for (p in s) print s[p], p}' | sort -rn | head -1
echo "== markdown"
{
  echo "| region | product | qty |"
  echo "|---|---|---|"
  tail -n +2 sales.csv | sort -t, -k2,2 -k4,4nr | awk -F, '{printf "| %s | %s | %d |\n", $2, $3, $4}'
} > report.md
cat report.md
wc -l report.md

#: config_edit
cat > app.conf <<'CONF'
# application settings
port = 8080
host = localhost
debug = false
# secret = none
log.level = info
CONF
cp app.conf app.conf.bak
set_option() {
  local key=$1 value=$2 file=$3
  if grep -qE "^#? *${key//./\\.} *=" "$file"; then
    sed -i -E "s|^#? *${key//./\\.} *=.*|$key = $value|" "$file"
  else
    echo "$key = $value" >> "$file"
  fi
}
set_option port 9090 app.conf
set_option debug true app.conf
set_option secret s3cr3t/x app.conf
set_option log.level debug app.conf
set_option new.option 1 app.conf
diff app.conf.bak app.conf
echo "diff code $?"
declare -A conf
while IFS='=' read -r k v; do
  k=$(echo "$k" | xargs); v=$(echo "$v" | xargs)
  [[ -z $k || $k == \#* ]] && continue
  conf[$k]=$v
done < app.conf
for k in port host debug secret log.level new.option; do echo "$k -> ${conf[$k]}"; done

#: project_scaffold
set -euo pipefail
name=demo
mkdir -p "$name"/{src,tests,docs/{api,guide},scripts}
cat > "$name/README.md" <<E
# $name

Created by a script.
E
cat > "$name/src/main.sh" <<'E'
#!/usr/bin/env bash
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
greet "${1:-world}"
E
cat > "$name/src/lib.sh" <<'E'
greet() {
  local who=$1
  printf 'Hello, %s!\n' "$who"
}
E
chmod +x "$name/src/main.sh"
for t in one two; do
  cat > "$name/tests/test_$t.sh" <<E
#!/usr/bin/env bash
out=\$("\$(dirname "\$0")/../src/main.sh" $t)
[ "\$out" = "Hello, $t!" ] && echo "ok $t" || { echo "fail $t: \$out"; exit 1; }
E
  chmod +x "$name/tests/test_$t.sh"
done
printf '%s\n' '*.log' 'build/' > "$name/.gitignore"
find "$name" -type f | sort
find "$name" -type d | sort | sed 's|[^/]*/|  |g'
for t in "$name"/tests/*.sh; do "$t"; done
"$name/src/main.sh"
"$name/src/main.sh" "two words"

#: find_todos
mkdir -p src/a src/b
printf 'fn main() {}\n// TODO: first\nlet x = 1; // FIXME later\n' > src/a/m.rs
printf 'import os\n# TODO: second\n' > src/b/t.py
printf 'nothing here\n' > src/b/n.txt
total=0
while IFS=: read -r file line text; do
  tag=$(grep -oE 'TODO|FIXME' <<< "$text")
  msg=$(sed -E 's/.*(TODO|FIXME):? *//' <<< "$text")
  printf '%-12s %3d %-5s %s\n' "$file" "$line" "$tag" "$msg"
  ((++total))
done < <(grep -rnE 'TODO|FIXME' src | sort)
echo "total: $total"
grep -rlE TODO src | sort | while read -r f; do echo "${f##*/} $(wc -l < "$f")"; done
grep -rc TODO src | sort
find src -name '*.py' -o -name '*.rs' | sort | xargs wc -l | tail -1

#: rename_files
mkdir photos; cd photos
for i in 1 2 3; do echo "img $i" > "IMG $i.JPG"; done
echo doc > notes.TXT
for f in *.JPG; do
  n=${f,,}; n=${n// /_}
  mv -- "$f" "$n"
done
ls
i=0
for f in img_*.jpg; do
  printf -v new 'holiday-%03d.jpg' $((++i))
  mv "$f" "$new" && echo "$f -> $new"
done
for f in *.TXT; do mv "$f" "${f%.TXT}.txt"; done
ls -1 | cat -A
[ "$(ls | wc -l)" -eq 4 ] && echo "all there"
cat holiday-00{1,2}.jpg

#: semver_bump
version=1.4.9
bump() {
  local v=$1 part=$2 major minor patch
  IFS=. read -r major minor patch <<< "$v"
  case $part in
    major) echo "$((major+1)).0.0" ;;
    minor) echo "$major.$((minor+1)).0" ;;
    patch) echo "$major.$minor.$((patch+1))" ;;
    *) echo "unknown part: $part" >&2; return 2 ;;
  esac
}
for p in patch minor major; do echo "$p: $(bump $version $p)"; done
bump $version nope; echo "code $?"
cat > package.json <<E
{
  "name": "demo",
  "version": "$version",
  "private": true
}
E
new=$(bump "$(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' package.json)" minor)
sed -i "s/\"version\": \".*\"/\"version\": \"$new\"/" package.json
cat package.json
jq -r .version package.json
if [[ $new =~ ^([0-9]+)\.([0-9]+)\.([0-9]+)(-[a-z]+)?$ ]]; then
  echo "major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]} patch=${BASH_REMATCH[3]} pre=${BASH_REMATCH[4]:-none}"
fi
printf '%s\n' 1.10.0 1.9.3 1.2.10 0.1.0 | sort -t. -k1,1n -k2,2n -k3,3n
printf '%s\n' 1.10.0 1.9.3 1.2.10 | sort -V | tail -1

#: retry_with_backoff
attempts=0
flaky() {
  attempts=$((attempts + 1))
  if [ "$attempts" -lt 3 ]; then echo "attempt $attempts fails" >&2; return 1; fi
  echo "attempt $attempts works"
}
retry() {
  local max=$1; shift
  local n=1 delay=1
  until "$@"; do
    if (( n >= max )); then echo "gave up after $n"; return 1; fi
    echo "retry $n (would wait ${delay}s)"
    delay=$((delay * 2)); n=$((n + 1))
  done
}
retry 5 flaky 2>&1
echo "code $?"
attempts=-10
retry 2 flaky 2>&1
echo "code $?"

#: test_runner
mkdir -p t
cat > t/run.sh <<'E'
#!/bin/bash
pass=0 fail=0 failed=()
assert_eq() {
  local want=$1 got=$2 name=$3
  if [[ $want == "$got" ]]; then
    ((pass++)); echo "ok   - $name"
  else
    ((fail++)); failed+=("$name"); echo "FAIL - $name: want '$want', got '$got'"
  fi
}
test_add() { assert_eq 4 $((2+2)) "two and two"; }
test_upper() { local s=abc; assert_eq ABC "${s^^}" "upper case"; }
test_broken() { assert_eq x y "broken on purpose"; }
for t in $(declare -F | awk '{print $3}' | grep '^test_'); do $t; done
echo "$pass passed, $fail failed"
for f in "${failed[@]}"; do echo " - $f"; done
exit $(( fail > 0 ))
E
bash t/run.sh
echo "exit $?"
bash t/run.sh | grep -c '^ok'
chmod +x t/run.sh && t/run.sh > out.txt 2>&1 || echo "runner failed with $?"
tail -1 out.txt

#: log_rotation
mkdir logs
rotate() {
  local base=$1 keep=$2 i
  for ((i = keep - 1; i >= 1; i--)); do
    [ -f "$base.$i" ] && mv "$base.$i" "$base.$((i + 1))"
  done
  [ -f "$base" ] && mv "$base" "$base.1"
  : > "$base"
}
for n in 1 2 3 4 5; do
  echo "run $n" >> logs/app.log
  rotate logs/app.log 3
done
for f in logs/*; do echo "$f: $(cat "$f")"; done
find logs -size 0 -name '*.log'
find logs -type f -name 'app.log.*' | sort -t. -k3n | xargs cat
total=$(cat logs/* | wc -c)
echo "bytes $total"

#: json_with_jq
cat > data.json <<'J'
{"users":[{"name":"ann","age":31,"tags":["a","b"]},{"name":"bob","age":25,"tags":[]},{"name":"cy","age":47,"tags":["b"]}],"total":3}
J
jq -r '.users[].name' data.json
jq '.users | map(.age) | add' data.json
jq -r '.users[] | select(.age > 30) | "\(.name) \(.age)"' data.json
jq -c '[.users[] | {n: .name, t: (.tags | length)}]' data.json
names=($(jq -r '.users[].name' data.json)); echo "${#names[@]} ${names[1]}"
while IFS=$'\t' read -r name age; do echo "$name is $age"; done < <(jq -r '.users[] | [.name, .age] | @tsv' data.json)
jq '.total = 4 | .users += [{"name":"di"}]' data.json > new.json
jq -e '.users | length == .total' data.json; echo "code $?"
jq -r '.users | group_by(.tags | length) | map({k: (.[0].tags | length), n: length}) | .[] | "\(.k):\(.n)"' data.json
jq -r --arg who bob '.users[] | select(.name == $who).age' data.json
diff <(jq -S . data.json) <(jq -S . new.json) | head -3

#: git_style_hooks_dispatch
mkdir -p hooks.d
for n in 10-lint 20-test 30-fail 40-never; do
  cat > hooks.d/$n <<E
#!/bin/sh
echo "running $n with \$1"
case $n in *fail*) exit 3;; esac
exit 0
E
  chmod +x hooks.d/$n
done
chmod -x hooks.d/10-lint
run_hooks() {
  local dir=$1; shift
  local hook rc
  for hook in "$dir"/*; do
    if [ ! -x "$hook" ]; then echo "skip ${hook##*/}"; continue; fi
    "$hook" "$@"; rc=$?
    if [ $rc -ne 0 ]; then echo "hook ${hook##*/} failed: $rc"; return $rc; fi
  done
}
run_hooks hooks.d commit
echo "code $?"
rm hooks.d/30-fail
run_hooks hooks.d push && echo "all passed"

#: template_rendering
cat > page.tmpl <<'T'
<h1>{{title}}</h1>
<p>By {{author}} on {{date}}</p>
{{#items}}
T
declare -A vars=([title]="My Page" [author]="Ann & Bob" [date]=2024-05-01)
render() {
  local text; text=$(cat "$1")
  local k
  for k in "${!vars[@]}"; do
    text=${text//"{{$k}}"/"${vars[$k]}"}
  done
  printf '%s\n' "$text"
}
items=("first item" "second item")
list=$(printf '<li>%s</li>\n' "${items[@]}")
render page.tmpl | while IFS= read -r line; do
  if [[ $line == '{{#items}}' ]]; then echo "<ul>"; echo "$list"; echo "</ul>"; else echo "$line"; fi
done > page.html
cat page.html
grep -c '<li>' page.html
if grep -q '{{' page.html; then echo "unrendered"; else echo "clean"; fi
export WHO=env; envsubst_like() { eval "cat <<E
$(cat)
E"; }
echo 'Hi $WHO, 1+1=$((1+1))' | envsubst_like

#: deploy_dry_run
DRY_RUN=1 VERBOSE=0 TARGET=
usage() { echo "usage: deploy [-n] [-v] -t target"; }
log() { [ "$VERBOSE" = 1 ] && echo "[log] $*"; return 0; }
run() { if [ "$DRY_RUN" = 1 ]; then echo "+ $*"; else "$@"; fi; }
deploy() {
  local OPTIND=1 o
  while getopts 'nvt:' o; do
    case $o in n) DRY_RUN=1;; v) VERBOSE=1;; t) TARGET=$OPTARG;; *) usage; return 64;; esac
  done
  : "${TARGET:?target is needed}"
  log "deploying to $TARGET"
  run mkdir -p "release/$TARGET"
  run cp -r src "release/$TARGET"
  run ln -sfn "$TARGET" release/current
}
mkdir src; echo v1 > src/app
deploy -n -v -t prod
[ -d release ] || echo "nothing was written"
DRY_RUN=0
deploy -t prod && ls release && readlink release/current && cat release/current/src/app
(TARGET=; deploy 2>&1) | sed 's/.*TARGET/TARGET/'
deploy -x 2>/dev/null; echo "code $?"

#: dependency_order
declare -A deps=([app]="lib net" [lib]="base" [net]="base log" [log]="base" [base]="")
declare -A state
order=()
visit() {
  local n=$1 d
  case ${state[$n]} in
    done) return 0 ;;
    busy) echo "cycle at $n"; return 1 ;;
  esac
  state[$n]=busy
  for d in ${deps[$n]}; do visit "$d" || return 1; done
  state[$n]=done
  order+=("$n")
}
visit app
echo "${order[*]}"
deps[base]=app; state=(); order=()
visit app; echo "code $?"
for k in "${!deps[@]}"; do for d in ${deps[$k]}; do echo "$d $k"; done; done | sort | head -3

#: checksum_manifest
mkdir -p data/sub
printf 'alpha\n' > data/a; printf 'beta\n' > data/sub/b; : > data/empty
(cd data && find . -type f | sort | xargs sha256sum) > MANIFEST
cut -c1-8 MANIFEST; awk '{print $2}' MANIFEST
(cd data && sha256sum -c ../MANIFEST)
echo changed >> data/a
(cd data && sha256sum -c ../MANIFEST 2>/dev/null); echo "code $?"
md5sum data/empty | cut -d' ' -f1
while read -r sum file; do
  now=$(sha256sum "data/$file" | awk '{print $1}')
  [[ $now == "$sum" ]] || echo "modified: $file"
done < MANIFEST

#: parse_ini
cat > s.ini <<'I'
; comment
[server]
host = example.org
port=80

[client "main"]
name = "Some One"
I
parse() {
  local section= line
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%%;*}
    line="${line#"${line%%[![:space:]]*}"}"; line="${line%"${line##*[![:space:]]}"}"
    [[ -z $line ]] && continue
    if [[ $line =~ ^\[(.+)\]$ ]]; then section=${BASH_REMATCH[1]}; continue; fi
    if [[ $line =~ ^([^=]+)=(.*)$ ]]; then
      local k=${BASH_REMATCH[1]} v=${BASH_REMATCH[2]}
      k=${k%"${k##*[![:space:]]}"}; v=${v#"${v%%[![:space:]]*}"}
      v=${v#\"}; v=${v%\"}
      echo "[$section] $k=$v"
    fi
  done < "$1"
}
parse s.ini
parse s.ini | grep -c '^\[server\]'
eval "$(parse s.ini | sed -nE 's/^\[server\] ([a-z]+)=(.*)/server_\1="\2"/p')"
echo "$server_host:$server_port"

#: word_frequency
cat > text.txt <<'T'
The quick brown fox jumps over the lazy dog. The dog sleeps;
the fox runs. Quick, quick! A dog's life.
T
tr -cs "A-Za-z'" '\n' < text.txt | tr A-Z a-z | grep -v '^$' | sort | uniq -c | sort -k1,1nr -k2 | head -5
declare -A seen
for w in $(tr -c 'A-Za-z\n' ' ' < text.txt); do w=${w,,}; ((seen[$w]++)); done
echo "the=${seen[the]} quick=${seen[quick]} distinct=${#seen[@]}"
awk '{for(i=1;i<=NF;i++) if(length($i)>m){m=length($i);w=$i}} END{print w, m}' text.txt
fold -sw 20 text.txt | head -3
sed -E 's/\b([a-z])/\U\1/g' text.txt | head -1

#: pid_file_and_lock
lock=app.lock
acquire() {
  if mkdir "$lock" 2>/dev/null; then echo $$ > "$lock/pid"; return 0; fi
  echo "locked by $( [ "$(cat "$lock/pid")" = $$ ] && echo me || echo other)"
  return 1
}
release() { rm -rf "$lock"; }
trap release EXIT
acquire && echo "got it"
acquire || echo "second failed"
release
acquire && echo "again"
(set -o noclobber; echo x > once) 2>/dev/null && echo created
(set -o noclobber; echo x > once) 2>/dev/null || echo exists

#: matrix_and_table
rows=3 cols=4
declare -A m
for ((r=0; r<rows; r++)); do for ((c=0; c<cols; c++)); do m[$r,$c]=$(( (r+1)*(c+1) )); done; done
for ((r=0; r<rows; r++)); do
  line=
  for ((c=0; c<cols; c++)); do printf -v cell '%4d' "${m[$r,$c]}"; line+=$cell; done
  echo "$line"
done
sum=0; for v in "${m[@]}"; do ((sum+=v)); done; echo "sum $sum"
for ((c=0; c<cols; c++)); do for ((r=0; r<rows; r++)); do printf '%s ' "${m[$r,$c]}"; done; echo; done | column -t
printf '%s\n' "${!m[@]}" | sort -t, -k1,1n -k2,2n | head -2
seq 1 9 | paste -d' ' - - - | awk '{for(i=1;i<=NF;i++) a[NR,i]=$i} END{for(i=1;i<=3;i++) print a[1,i],a[2,i],a[3,i]}'

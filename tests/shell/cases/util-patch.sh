#: plain
#! stderr
printf 'a\nb\nc\n' > f; printf 'a\nB\nc\n' > g; diff -u --label f --label f f g > p; patch < p; cat f; patch -R < p; cat f
#: strip
mkdir -p src; printf '1\n2\n3\n' > src/f; printf -- '--- a/src/f\n+++ b/src/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n' > p; patch -p1 < p; cat src/f; patch -p1 -R -i p; cat src/f; patch -p0 src/f p; cat src/f
#: dry run
printf 'a\nb\n' > f; printf -- '--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n' > p; patch --dry-run < p; cat f; patch -s < p; cat f; patch -s -R < p; cat f
#: offset and fuzz
seq 20 > f; sed 's/^10$/ten/' f > g; diff -u --label f --label f f g > p; (echo x; echo y; seq 20) > f; patch < p; sed -n 12p f; seq 20 | sed 's/^8$/eight/' > f; patch < p; cat f | sed -n 10p
#: fails
#! stderr
printf 'a\nb\nc\n' > f; printf -- '--- f\n+++ f\n@@ -1,3 +1,3 @@\n x\n-y\n+z\n w\n' > p; patch < p; echo $?; cat f; cat f.rej; ls
#: new and removed
printf -- '--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+1\n+2\n' | patch -p1; cat new; printf -- '--- a/new\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-1\n-2\n' | patch -p1; ls
#: context and normal
printf 'a\nb\nc\n' > f; printf 'a\nB\nc\nd\n' > g; diff -c f g > p; cp f h; patch h p; cat h; diff f g > q; cp f i; patch i q; cat i; patch -o out f q; cat out
#: git format
mkdir s; printf 'one\n' > s/a; printf 'diff --git a/s/a b/s/a\nindex 1..2 100644\n--- a/s/a\n+++ b/s/a\n@@ -1 +1,2 @@\n one\n+two\ndiff --git a/s/n b/s/n\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/s/n\n@@ -0,0 +1 @@\n+new\n' | patch -p1; cat s/a s/n
#: backup and several hunks
seq 30 > f; sed '2s/2/two/; 15d; 29s/29/x/' f > g; diff -u --label f --label f f g | patch -b; cmp f g; ls; diff -q f.orig f
#: no newline at the end
printf 'a\nb' > f; printf 'a\nc' > g; diff -u --label f --label f f g > p; patch < p; od -c f | head -2; patch -R < p; od -c f | head -2
#: already applied
printf 'a\nb\n' > f; printf -- '--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n' > p; patch < p; patch -N < p; echo $?; patch -f < p; echo $?; ls
#: garbage
echo nonsense | patch; echo $?; patch -p1 < missing; echo $?


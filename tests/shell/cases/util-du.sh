#: sizes
mkdir -p d/e; head -c 5000 /dev/zero > d/a; head -c 100 /dev/zero > d/e/b; du -a d | sort -k2; du -s d; du -sh d; du -b d/a; du -sb d/a d/e/b; du -h d/a; du -c d/a d/e/b; du -d1 d | sort -k2; du --max-depth=0 d; du -k d/a
#: messages and options
#! stderr
du missing; echo $?; mkdir d; head -c 3000000 /dev/zero > d/big; du -sh d/big; du -m d/big; du -sk d/big; du --apparent-size -s d/big; du --apparent-size -h d/big; du -S d; du -a --exclude='*.x' d | sort -k2; du -0 d/big | tr '\0' '|'; du -h --si d/big
#: df
df . >/dev/null; echo $?; df -h / | head -1


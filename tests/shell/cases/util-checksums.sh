#: plain
printf abc > f; md5sum f; sha1sum f; sha256sum f; sha512sum f; sha224sum f; sha384sum f; b2sum f; printf abc | md5sum; printf abc | sha256sum -; cksum f; sum f
#: tag
printf abc > f; md5sum --tag f; sha256sum --tag f; b2sum --tag f; sha512sum --tag f
#: check
#! stderr
printf abc > f; printf def > g; md5sum f g > s; md5sum -c s; echo $?; echo x > g; md5sum -c s; echo $?; md5sum -c --quiet s; echo $?; md5sum -c --status s; echo $?; md5sum --check --ignore-missing s; echo $?
#: check tag and missing
#! stderr
printf abc > f; sha256sum --tag f > s; sha256sum -c s; echo $?; rm f; sha256sum -c s; echo $?; echo garbage > bad; sha256sum -c bad; echo $?; (sha256sum /dev/null; echo junk) > mix; sha256sum -c mix; echo $?; sha256sum -c --strict mix; echo $?
#: missing and odd names
#! stderr
md5sum missing; echo $?; printf a > 'a b'; md5sum 'a b'; printf a > 'back\slash'; md5sum 'back\slash'; sha1sum -z 'a b' | tr '\0' '|'; md5sum -b 'a b'; mkdir d; md5sum d; echo $?


#: dates
touch -d '2024-01-02 03:04:05' a; stat -c %Y a; touch -d @86400 a; stat -c %Y a; touch -t 202301020304.05 a; stat -c %y a; touch -t 2301020304 a; date -r a +%F_%T; touch -d 2024-02-30 a 2>/dev/null; echo $?
#: reference and no create
touch -d 2020-01-01 a; touch -r a b; stat -c %Y b; touch -c none; ls; touch -m -d '2021-01-01' a; stat -c %Y a
#: relative to reference
touch -d '2020-01-01 00:00' a; touch -r a -d '+1 day' a; stat -c %y a; touch -d '2 days ago' b; [ $(stat -c %Y b) -lt $(date +%s) ]; echo $?
#: messages
#! stderr
touch; echo $?; touch x/y; echo $?; touch -d nonsense f; echo $?; mkdir d; touch d; echo $?
#: directory time
mkdir d; touch -d '2019-03-04 05:06:07' d; stat -c %y d; touch -d '2019-03-04T05:06:07Z' d; stat -c %Y d; touch -d '2019-03-04 05:06:07 +0200' d; stat -c %Y d


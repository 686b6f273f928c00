#: formats
date -u -d @0; date -u -d @1700000000 +%F_%T; date -d '2024-02-29 13:05:09' '+%Y %m %d %H %M %S %j %u %w %a %A %b %B %y %C %e %k %l %I %p %P %s %Z %z %:z %n%t%%'; date -d '2024-02-29' '+%D %T %R %r %c %x %X %U %V %W %G %g %h %q'
#: flags
date -d '2024-03-05 06:07:08.123456789' '+%-d %_d %-m %-H %^a %#Z %^B %10Y %010d %N %3N %6N %-S %_H %::z %:::z'
#: iso rfc
date -u -d '2024-03-05 06:07:08' -I; date -u -d '2024-03-05 06:07:08' -Iseconds; date -u -d '2024-03-05 06:07:08' -Ihours; date -u -d '2024-03-05 06:07:08' -Iminutes; date -u -d '2024-03-05 06:07:08' -R; date -u -d '2024-03-05 06:07:08' --rfc-3339=seconds; date -u -d '2024-03-05 06:07:08' --rfc-3339=date; date -u -d '2024-03-05 06:07:08.5' -Ins; date -u -d 2024-03-05 --iso-8601=seconds
#: relative
for d in '2024-01-31 +1 month' '2024-01-31 1 day' '2024-03-01 -1 day' '2024-03-01 yesterday' '2024-03-01 tomorrow' '2024-01-01 2 weeks ago' '2024-01-01 + 3 hours' '2024-01-01 10:00 +90 minutes' '2024-02-29 +1 year' '2024-05-31 last month' '2024-05-31 next year' '2024-01-01 1 fortnight' '2024-01-01 3 days ago 2 hours ago'; do date -u -d "$d" '+%F %T'; done
#: weekdays
for d in 'monday 2024-03-05' 'next monday' 'last friday'; do date -d "$d" +%a; done; date -d 'sunday' +%w; [ $(date -d 'next wednesday' +%s) -gt $(date +%s) ]; echo $?
#: input forms
for d in '5 Mar 2024' 'Mar 5 2024' 'March 5, 2024' '5-Mar-2024' '03/05/2024' '20240305' '2024-03-05T06:07:08Z' '2024-03-05T06:07:08+02:00' '2024-03-05 6:07am' '2024-03-05 6pm' '2024-03-05 06:07:08 EST' '2024-03-05 06:07 +0530' 'Tue, 05 Mar 2024 06:07:08 +0000' 'Tue Mar  5 06:07:08 UTC 2024' '@1709618828.5' '20240305 0607' '2024/03/05 01:02' '5 March' '24-03-05'; do date -u -d "$d" +%m-%dT%H:%M:%S; done
#: zones
TZ=America/New_York date -d '2024-07-01 12:00 UTC' '+%F %T %Z %z'; TZ=Asia/Tokyo date -d @0 +%T%z; date -d 'TZ="Europe/Paris" 2024-07-01 12:00' +%s; TZ=Europe/London date -d '2024-03-31 12:00' +%Z; TZ=UTC0 date -d @0 +%Z; TZ=EST5EDT date -d @0 '+%H %Z'
#: bad dates
#! stderr
date -d nonsense; echo $?; date -d '2024-13-01'; echo $?; date -d '2024-02-30'; echo $?; date -d '25:00'; echo $?; date +%F extra; echo $?
#: reference and file
touch -d '2020-02-02 02:02:02' f; date -r f +%FT%T; printf '2024-01-01\n2024-01-02 03:04\n' > l; date -f l +%s; date --date=@5 +%s; date --utc --date='1970-01-02' +%s; date -ud 1970-01-03 +%s
#: arithmetic of days
echo $(( ( $(date -d 2024-03-01 +%s) - $(date -d 2024-02-01 +%s) ) / 86400 )); date -d "2024-01-01 +$((7*3)) days" +%F; date -d "$(date -d 2024-01-10 +%F) -1 week" +%F; date -d 'now' +%s | grep -c '^[0-9]*$'; date -d 'today 00:00' +%T; date -d '1 hour ago' +%s | grep -c .; date -d '' +%T; date -d 'yesterday 14:00' +%T; date -d '12:34 tomorrow' +%T
#: default output
date -u -d '2024-03-05 06:07:08'; date -d '2024-03-05'; TZ=Europe/Berlin date -d '2024-07-05 10:00'


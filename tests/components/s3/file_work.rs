//! What scripts do with files, done in a bucket and in memory: both must say the same.

use crate::node::MountingNode;
use crate::server::S3Server;

/// Each runs in an empty directory, one after the other in the same one.
const SCRIPTS: &[&str] = &[
    "echo hello > a.txt; cat a.txt; wc -c < a.txt",
    "echo more >> a.txt; printf 'no newline' >> a.txt; cat a.txt; echo new >> b.txt; cat b.txt",
    "for i in 1 2 3 4 5; do echo line $i >> loop.txt; done; cat loop.txt",
    "mkdir -p d/e/f && cp a.txt d/e/copy.txt && cp -r d d2 && find . -type f | sort",
    "mv a.txt renamed.txt && ls && cat renamed.txt && test ! -e a.txt && echo gone",
    "mv d2 moved && find . | sort",
    "mv b.txt moved/ && ls moved; cat moved/b.txt",
    "mkdir sub && printf 'apple\\npear\\n' > sub/fruit && printf 'apple pie\\n' > sub/'with blank.txt' && grep -r apple sub | sort",
    "echo *; echo */; echo sub/*; echo **/*.txt; ls -d [a-m]*",
    "tar cf all.tar sub moved d && mkdir out && tar xf all.tar -C out && diff -r sub out/sub && find out -type f | sort",
    "tar czf all.tgz sub && tar tzf all.tgz | sort",
    "rm sub/fruit && ls sub; rm -r moved; ls; rm nothing; echo $?",
    "mkdir empty && ls empty && rmdir empty && test ! -d empty && echo removed; rmdir sub; echo $?",
    "mkdir lone && echo x > lone/x && rm lone/x && test -d lone && echo stays && ls -A lone && rmdir lone",
    "cat nothing; echo $?; cat sub; echo $?; echo x > no/such/dir; echo $?; mkdir sub; echo $?; echo x > sub; echo $?",
    "touch t && test -f t && test ! -s t && echo empty; touch -d 2020-01-01 t; chmod 600 t && echo changed",
    "echo ü > 'ü nicode +%&?#.txt' && ls && cat 'ü nicode +%&?#.txt' && rm 'ü nicode +%&?#.txt'",
    "seq 1 2000 > n; sort -rn n | head -3; sed -i s/^1$/one/ n; head -1 n; awk '{s+=$1} END {print s}' n; sha256sum n",
    "for i in $(seq 1 30); do echo $i > many-$i; done; ls many-* | wc -l; cat many-* | sort -n | tail -1; rm many-*; ls",
    "head -c 100000 /dev/zero > zeros; cp zeros z2; cmp zeros z2 && stat -c %s z2; : > z2; stat -c '%s %F' z2",
    "cp renamed.txt over.txt; echo other > over.txt; mv over.txt renamed.txt; cat renamed.txt; ls",
    "cd sub && pwd | sed 's,.*/,,' && echo here > rel && cat ./rel ../sub/rel && cd .. && rm -rf sub d out && ls",
    "ln -s renamed.txt /tmp/link-$$ && rm /tmp/link-$$; find . -name '*.tgz' -exec echo found {} \\;; find . -name '*.tgz' -delete; ls",
    "tee one two < renamed.txt > /dev/null; cat one two; xargs rm < <(printf 'one\\ntwo\\n'); ls",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_and_memory_say_the_same() {
    let server = S3Server::start();
    let node = MountingNode::start();
    for (id, read) in [("cached", "bounded"), ("fresh", "fresh")] {
        let mut block = server.block();
        block["read"] = read.into();
        node.workspace(id, &block).await;
        for dir in ["/s3/work", "/ram/work"] {
            assert_eq!(node.out(id, &format!("mkdir {dir}")).await, "");
        }
        for script in SCRIPTS {
            let bucket = node.sh(id, &format!("cd /s3/work\n{script}")).await;
            let memory = node.sh(id, &format!("cd /ram/work\n{script}")).await;
            assert_eq!(bucket, memory, "{script}");
        }
        // But for archives, which hold the times that storage has its own of.
        let sums = "find . -type f ! -name '*.t?*' -exec sha256sum {} + | sort";
        let left = node.out(id, &format!("cd /s3/work && {sums}")).await;
        assert!(left.lines().count() >= 4, "{left}");
        assert_eq!(left, node.out(id, &format!("cd /ram/work && {sums}")).await);
        // Another workspace, with nothing cached, has the same.
        let other = format!("{id}-other");
        node.workspace(&other, &server.block()).await;
        assert_eq!(left, node.out(&other, &format!("cd /s3/work && {sums}")).await);
        assert_eq!(node.sh(id, "ln -s a /s3/work/link").await.code, 1);
        node.out(id, "rm -r /s3/work && ls /s3").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_between_mounts_takes_whole_trees() {
    let server = S3Server::start();
    let node = MountingNode::start();
    node.workspace("w", &server.block()).await;
    let script = "mkdir -p /ram/t/u && echo 1 > /ram/t/a && echo 2 > /ram/t/u/b && mv /ram/t /s3/t && cat /s3/t/a /s3/t/u/b \
                  && test ! -e /ram/t && mv /s3/t /ram/back && cat /ram/back/u/b && ls /s3";
    assert_eq!(node.out("w", script).await, "1\n2\n2\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_mount_changes_nothing() {
    let server = S3Server::start();
    let node = MountingNode::start();
    node.workspace("writer", &server.block()).await;
    node.out("writer", "echo kept > /s3/f").await;
    let mut block = server.block();
    block["mode"] = "read".into();
    node.workspace("reader", &block).await;
    let ran = node.sh("reader", "cat /s3/f; echo x > /s3/f; rm /s3/f; mkdir /s3/d; cat /s3/f").await;
    assert_eq!(ran.stdout, "kept\nkept\n");
    assert!(ran.stderr.contains("Read-only file system"), "{ran:?}");
}

//! The kinds of remote storage that a configuration may name, and the settings of each.

/// How a kind of storage is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Amazon S3 and what is compatible with it.
    S3,
    /// Google Cloud Storage's own protocol.
    Gcs,
    /// Azure Blob Storage.
    Azblob,
    /// WebDAV.
    Webdav,
}

/// A kind of remote storage.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RemoteKind {
    /// Its name in a configuration.
    pub name: &'static str,
    /// Its protocol, unless the settings mean another one.
    pub protocol: Protocol,
    /// Where it is when the configuration does not say; `{region}` is replaced. None: `endpoint_url` is required.
    pub(super) endpoint: Option<&'static str>,
    pub(super) region: &'static str,
}

/// A setting of a kind.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Another name that some clients use.
    pub(super) also: &'static str,
    pub(super) form: Form,
    pub(super) secret: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Flag,
    Seconds,
}

const fn s3(name: &'static str, endpoint: Option<&'static str>) -> RemoteKind {
    RemoteKind { name, protocol: Protocol::S3, endpoint, region: "us-east-1" }
}

const fn other(name: &'static str, protocol: Protocol) -> RemoteKind {
    RemoteKind { name, protocol, endpoint: None, region: "" }
}

/// Every kind that this program knows, compiled in or not.
pub(super) const KINDS: &[RemoteKind] = &[
    s3("s3", Some("https://s3.{region}.amazonaws.com")),
    RemoteKind { name: "r2", protocol: Protocol::S3, endpoint: None, region: "auto" },
    RemoteKind {
        name: "gcs",
        protocol: Protocol::S3,
        endpoint: Some("https://storage.googleapis.com"),
        region: "auto",
    },
    s3("minio", None),
    s3("ceph", None),
    s3("seaweedfs", None),
    s3("wasabi", Some("https://s3.{region}.wasabisys.com")),
    s3("backblaze", Some("https://s3.{region}.backblazeb2.com")),
    s3("digitalocean", Some("https://{region}.digitaloceanspaces.com")),
    s3("tencent", Some("https://cos.{region}.myqcloud.com")),
    s3("aliyun", Some("https://s3.oss-{region}.aliyuncs.com")),
    s3("scaleway", Some("https://s3.{region}.scw.cloud")),
    s3("qingstor", Some("https://s3.{region}.qingstor.com")),
    s3("supabase", None),
    s3("oci", None),
    other("azblob", Protocol::Azblob),
    other("nextcloud", Protocol::Webdav),
    other("webdav", Protocol::Webdav),
];

const fn text(name: &'static str, also: &'static str) -> Field {
    Field { name, also, form: Form::Text, secret: false }
}

const fn secret(name: &'static str, also: &'static str) -> Field {
    Field { name, also, form: Form::Text, secret: true }
}

const TIMEOUT: Field = Field { name: "timeout", also: "", form: Form::Seconds, secret: false };

const S3: &[Field] = &[
    text("bucket", ""),
    text("region", ""),
    text("endpoint_url", "endpoint"),
    secret("aws_access_key_id", "access_key_id"),
    secret("aws_secret_access_key", "secret_access_key"),
    secret("aws_session_token", "session_token"),
    text("aws_profile", "profile"),
    Field { name: "path_style", also: "", form: Form::Flag, secret: false },
    TIMEOUT,
    text("proxy", ""),
    text("key_prefix", ""),
    // Only of `gcs`: see `RemoteBackend::protocol`.
    secret("credential", ""),
];

const AZBLOB: &[Field] = &[
    text("container", "bucket"),
    text("account_name", ""),
    secret("account_key", ""),
    secret("sas_token", ""),
    text("endpoint_url", "endpoint"),
    TIMEOUT,
    text("proxy", ""),
    text("key_prefix", ""),
];

const WEBDAV: &[Field] = &[
    text("endpoint_url", "url"),
    text("username", "user"),
    secret("password", ""),
    secret("token", ""),
    TIMEOUT,
    text("proxy", ""),
    text("key_prefix", ""),
];

impl Protocol {
    /// The cargo feature without which this protocol is not in the build; none for what always is.
    pub fn feature(self) -> Option<&'static str> {
        match self {
            Self::S3 => None,
            Self::Gcs => Some("gcs"),
            Self::Azblob => Some("azblob"),
            Self::Webdav => Some("webdav"),
        }
    }

    /// Whether this build speaks it.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::S3 => true,
            Self::Gcs => cfg!(feature = "gcs"),
            Self::Azblob => cfg!(feature = "azblob"),
            Self::Webdav => cfg!(feature = "webdav"),
        }
    }
}

impl RemoteKind {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The settings that it has.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static Field> {
        let fields = match self.protocol {
            Protocol::S3 | Protocol::Gcs => S3,
            Protocol::Azblob => AZBLOB,
            Protocol::Webdav => WEBDAV,
        };
        let has_credential = self.name == "gcs";
        fields.iter().filter(move |field| field.name != "credential" || has_credential)
    }

    /// The setting that must be there.
    pub(super) fn required(&self) -> &'static str {
        match self.protocol {
            Protocol::S3 | Protocol::Gcs => "bucket",
            Protocol::Azblob => "container",
            Protocol::Webdav => "endpoint_url",
        }
    }
}

/// Every backend that this build can mount, as a refusal lists them.
pub(super) fn built_in() -> String {
    let remote = KINDS.iter().filter(|kind| kind.protocol.is_built_in()).map(|kind| kind.name);
    ["ram", "disk"].into_iter().chain(remote).collect::<Vec<_>>().join(", ")
}

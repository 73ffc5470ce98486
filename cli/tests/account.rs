//! The command line on accounts and keys, against the tables.
#![expect(clippy::unwrap_used, reason = "a step that fails here fails the test")]

mod tables;

use std::process::Stdio;

use recourse_dispute::ids::{AccountId, KeyId};
use recourse_local::dynamodb::DynamoDb;
use recourse_local::kms::Kms;
use recourse_signing::Secret;
use recourse_store::{AccountRecord, AccountStatus, Sealer, Store};

/// A deployment's tables and its KMS, and a folder with the `.recourse.env` that leads to them.
struct LocalStore {
    _dynamodb: DynamoDb,
    _kms: Kms,
    folder: tempfile::TempDir,
    store: Store,
    sealer: Sealer,
}

impl LocalStore {
    async fn start() -> Self {
        let kms = Kms::start(None).await.unwrap();
        let (dynamodb, folder, aws) = tables::tables(&[("AWS_ENDPOINT_URL_KMS", kms.endpoint())]).await;
        let (store, sealer) = (Store::from_environment(&aws).unwrap(), Sealer::from_environment(&aws).unwrap());
        Self { _dynamodb: dynamodb, _kms: kms, folder, store, sealer }
    }

    /// Runs `recourse` with a user's name in the environment: exit code, stdout, stderr.
    async fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        tables::recourse(&self.folder, "alice", arguments).await
    }

    #[track_caller]
    fn done(ended: (i32, String, String)) -> String {
        assert_eq!(ended.0, 0, "{ended:?}");
        ended.1
    }

    /// The error of a refused command.
    async fn refused(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments).await;
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        err
    }

    async fn account(&self, id: &str, environment: &str) {
        let mail = format!("{id}@wallet.example");
        let create = [
            "account",
            "create",
            id,
            "--name",
            "Wallet",
            "--email",
            &mail,
            "--environment",
            environment,
            "--by",
            "bob",
        ];
        assert!(Self::done(self.run(&create).await).starts_with(&format!("{id}  created")));
    }

    /// A new key's public part and its secret.
    async fn key(&self, account: &str, role: &str) -> (String, String) {
        let out = Self::done(self.run(&["key", "create", account, "--role", role]).await);
        let lines: Vec<_> = out.lines().collect();
        let [key, secret] = lines.try_into().unwrap();
        let value = |line: &str, name| line.strip_prefix(name).unwrap().to_owned();
        (value(key, "RECOURSE_KEY="), value(secret, "RECOURSE_SECRET="))
    }

    async fn record(&self, id: &str) -> AccountRecord {
        self.store.account_record(&AccountId::parse(id).unwrap()).await.unwrap().unwrap()
    }

    async fn secret_of(&self, key: &str) -> Option<String> {
        let credential = self.store.credential(&self.sealer, &KeyId::parse(key).unwrap()).await.unwrap();
        credential.map(|credential| credential.secret.expose().to_owned())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_named_by_its_role_and_its_secret_is_printed_once() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    local.account("acct_s", "staging").await;
    let mut secrets = Vec::new();
    for (account, role, prefix) in [
        ("acct_p", "client", "iimm_prod_"),
        ("acct_s", "client", "iimm_dev_"),
        ("acct_p", "platform", "plat_"),
        ("acct_p", "client", "iimm_prod_"),
    ] {
        let (key, secret) = local.key(account, role).await;
        assert!(key.strip_prefix(prefix).is_some_and(|digits| digits.len() == 24), "{key}");
        assert_eq!(secret.len(), 44);
        assert!(Secret::from_base64(&secret).is_ok());
        assert_eq!(local.secret_of(&key).await, Some(secret.clone()));
        secrets.push(secret);
    }
    secrets.dedup();
    assert_eq!(secrets.len(), 4, "each has its own");
    for again in
        [&["account", "show", "acct_p"][..], &["account", "show", "acct_p", "--json"], &["key", "list", "acct_p"]]
    {
        let out = LocalStore::done(local.run(again).await);
        assert_eq!(out.matches("iimm_prod_").count().min(2), 2, "{out}");
        assert!(!secrets.iter().any(|secret| out.contains(secret)) && !out.contains('@'), "{out}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_and_an_account_has_at_most_two_live_keys_of_a_role() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    let (old, _) = local.key("acct_p", "client").await;
    let (new, _) = local.key("acct_p", "client").await;
    let text = local.refused(&["key", "create", "acct_p", "--role", "client"]).await;
    assert!(text.contains(&old) && text.contains(&new) && text.contains("Revoke the one"), "{text}");
    let out = LocalStore::done(local.run(&["key", "revoke", &old, "--why", "rotated"]).await);
    assert!(out.contains("of acct_p: revoked") && out.contains("60 seconds"), "{out}");
    assert!(local.secret_of(&old).await.is_none() && local.secret_of(&new).await.is_some());
    let again = LocalStore::done(local.run(&["key", "revoke", &old]).await);
    assert!(again.contains("already; nothing changed"), "{again}");
    let list = LocalStore::done(local.run(&["key", "list", "acct_p"]).await);
    for line in list.lines() {
        assert_eq!(line.contains("revoked 2"), line.starts_with(&old), "{line}");
        assert_eq!(line.ends_with("live"), line.starts_with(&new), "{line}");
    }
    assert_eq!(list.lines().count(), 2);
    local.key("acct_p", "client").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_suspended_and_resumed_and_the_audit_says_by_whom() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    let (key, _) = local.key("acct_p", "client").await;
    let suspend = ["account", "suspend", "acct_p", "--why", "unpaid bills", "--by", "carol"];
    assert!(LocalStore::done(local.run(&suspend).await).contains("suspended. Functions cache"));
    assert_eq!(local.record("acct_p").await.status, AccountStatus::Suspended);
    assert_eq!(local.secret_of(&key).await, None);
    assert!(LocalStore::done(local.run(&suspend).await).contains("was suspended already"));
    let out = LocalStore::done(local.run(&["account", "show", "acct_p"]).await);
    assert!(out.starts_with("acct_p  suspended"), "{out}");
    LocalStore::done(local.run(&["account", "resume", "acct_p"]).await);
    assert!(local.secret_of(&key).await.is_some());

    let out = LocalStore::done(local.run(&["account", "show", "acct_p", "--addresses"]).await);
    assert!(out.starts_with("acct_p  active\n") && out.contains("acct_p@wallet.example"), "{out}");
    let created_key = format!("created the key {key}");
    let mut rest = out.as_str();
    for (who, what) in [
        ("operator bob", "created the account"),
        ("operator alice", created_key.as_str()),
        ("operator carol", "suspended it"),
        ("operator alice", "resumed it"),
    ] {
        let line = rest.lines().find(|line| line.contains(what)).unwrap();
        assert!(line.contains(who), "{line}");
        rest = rest.split_once(line).unwrap().1;
    }
    assert!(out.contains("unpaid bills"), "{out}");
    assert_eq!(local.record("acct_p").await.audit.len(), 4, "a command that changed nothing leaves no entry");
    let json = LocalStore::done(local.run(&["account", "show", "acct_p", "--json", "--addresses"]).await);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["audit"][1]["event"]["key_created"], key.as_str());
    assert_eq!((&json["status"], &json["email"]), (&"active".into(), &"acct_p@wallet.example".into()));
    assert_eq!(json["audit"][2]["by"]["name"], "carol");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_account_and_a_taken_id_are_refused() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    let create =
        ["account", "create", "acct_p", "--name", "Other", "--email", "o@x.example", "--environment", "staging"];
    assert!(local.refused(&create).await.contains("there is an account acct_p already"));
    assert_eq!(local.record("acct_p").await.account.name, "Wallet");
    let bus = ["account", "create", "event_bus", "--name", "Bus", "--email", "b@x.example", "--environment", "staging"];
    let said = local.refused(&bus).await;
    assert!(said.contains("stands for the event bus") && said.contains("such as acct_event_bus"), "{said}");
    for command in [
        &["account", "show", "nobody"][..],
        &["account", "suspend", "nobody"],
        &["account", "resume", "nobody"],
        &["key", "create", "nobody", "--role", "client"],
        &["key", "list", "nobody"],
    ] {
        assert!(local.refused(command).await.contains("there is no account nobody"), "{command:?}");
    }
    assert!(local.refused(&["key", "revoke", "iimm_prod_x"]).await.contains("there is no key iimm_prod_x"));
    assert_eq!(LocalStore::done(local.run(&["key", "list", "acct_p"]).await), "no keys\n");

    let file = local.folder.path().join(".recourse.env");
    let text = std::fs::read_to_string(&file).unwrap();
    let without = |name: &str| {
        text.lines().filter(|line| !line.contains(name)).map(|line| format!("{line}\n")).collect::<String>()
    };
    std::fs::write(&file, without("SEALING_KEY")).unwrap();
    let text = local.refused(&["key", "create", "acct_p", "--role", "client"]).await;
    assert!(text.contains("SEALING_KEY is not set"), "{text}");
    assert_eq!(LocalStore::done(local.run(&["key", "list", "acct_p"]).await), "no keys\n", "it needs no SEALING_KEY");
}

/// A key whose secret is lost counts against the limit of live keys, so the operator has to know.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_error_says_what_to_do_when_a_secret_cannot_be_printed() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_recourse"));
    command.current_dir(local.folder.path()).env_clear().env("USER", "alice");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.args(["key", "create", "acct_p", "--role", "client"]).stdout(full).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().await.unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    let record = local.record("acct_p").await;
    let [key] = record.keys.as_slice() else { panic!("{record:?}") };
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains(&format!("`recourse key revoke {}` makes room", key.key)), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_gets_a_password_and_another_one_and_is_removed() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    let create = ["user", "create", "acct_p", "First.Last"];
    assert!(local.refused(&create).await.contains("no domain code"));
    LocalStore::done(local.run(&["account", "set", "acct_p", "--domain", "P"]).await);
    let password = |out: String| out.split_once("RECOURSE_PASSWORD=").unwrap().1.to_owned();
    let first = password(LocalStore::done(local.run(&create).await));
    assert!(local.refused(&create).await.contains("--replace"));
    let second = password(LocalStore::done(local.run(&[&create[..], &["--replace"]].concat()).await));
    assert_ne!(first, second);
    let list = ["user", "list", "acct_p"];
    let listed = LocalStore::done(local.run(&list).await);
    assert!(listed.starts_with("First.Last ") && listed.lines().count() == 1, "{listed}");
    let json = LocalStore::done(local.run(&[&list[..], &["--json"]].concat()).await);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["name"], "First.Last");

    let remove = ["user", "remove", "acct_p", "First.Last", "--why", "left the bank", "--by", "carol"];
    assert!(LocalStore::done(local.run(&remove).await).contains("expires within 15 minutes"));
    assert!(local.refused(&remove).await.contains("nobody of the name First.Last"));
    assert_eq!(LocalStore::done(local.run(&list).await), "nobody\n");
    let shown = LocalStore::done(local.run(&["account", "show", "acct_p"]).await);
    let line = shown.lines().find(|line| line.contains("removed First.Last")).unwrap();
    assert!(line.contains("operator carol") && shown.contains("left the bank"), "{shown}");
    for command in [&["user", "list", "nobody"][..], &["user", "remove", "nobody", "X"]] {
        assert!(local.refused(command).await.contains("there is no account nobody"), "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_gets_what_it_lacks_and_a_merchant_id_cannot_be_changed() {
    let local = LocalStore::start().await;
    for id in ["acct_p", "acct_q"] {
        local.account(id, "production").await;
    }
    let set = ["account", "set", "acct_p", "--email", "new@wallet.example", "--merchant-id", "7", "--domain", "P"];
    assert!(LocalStore::done(local.run(&set).await).contains("set; functions use it within 60 seconds"));
    assert!(LocalStore::done(local.run(&set).await).contains("was so already; nothing changed"));
    let shown = LocalStore::done(local.run(&["account", "show", "acct_p", "--addresses"]).await);
    for known in
        ["new@wallet.example", "merchant id  7", "domain code  P", "set its registered address and its merchant id"]
    {
        assert!(shown.contains(known), "{shown}");
    }
    let refused = async |more: &[&str]| local.refused(&[&["account", "set"], more].concat()).await;
    assert!(refused(&["acct_p", "--merchant-id", "8"]).await.contains("another merchant id, which cannot be changed"));
    assert!(refused(&["acct_q", "--merchant-id", "7"]).await.contains("another account has this merchant id"));
    assert!(refused(&["acct_q", "--domain", "P", "--email", "x@y.example"]).await.contains("has this domain code"));
    assert!(refused(&["nobody", "--domain", "N"]).await.contains("there is no account nobody"));
    assert_eq!(local.record("acct_q").await.version, 1);
}

/// A misspelt name must not look like a bank without disputes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_an_unknown_party_is_refused_and_an_empty_list_says_so() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    LocalStore::done(local.run(&["account", "set", "acct_p", "--domain", "P"]).await);
    for command in ["list", "export"] {
        for (whose, name) in [("--domain", "P"), ("--account", "acct_p")] {
            let (code, out, err) = local.run(&["dispute", command, whose, name]).await;
            assert_eq!((code, out.lines().count()), (0, usize::from(command == "export")), "{err}");
            assert!(err.contains("no dispute matches"), "{err}");
        }
        let (code, _, err) = local.run(&["dispute", command, "--domain", "NOPE"]).await;
        assert!(code == 2 && err.contains("no account has the domain code NOPE"), "{err}");
        let (code, _, err) = local.run(&["dispute", command, "--account", "nope"]).await;
        assert!(code == 2 && err.contains("no account has the id nope"), "{err}");
    }
    let text = local.refused(&["dispute", "list", "--domain", "P", "--status", "Nope"]).await;
    assert!(text.contains("must be one of Accepted"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_account_is_listed_without_its_address() {
    let local = LocalStore::start().await;
    let (code, out, err) = local.run(&["account", "list", "--json"]).await;
    assert_eq!((code, out.as_str()), (0, "[]\n"), "{err}");
    for (id, environment) in [("acct_q", "staging"), ("acct_p", "production")] {
        local.account(id, environment).await;
    }
    LocalStore::done(local.run(&["account", "set", "acct_p", "--domain", "P", "--merchant-id", "7"]).await);
    LocalStore::done(local.run(&["account", "suspend", "acct_q"]).await);
    let out = LocalStore::done(local.run(&["account", "list"]).await);
    let lines: Vec<_> = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "acct_p production active merchant id 7 domain P Wallet",
            "acct_q staging suspended merchant id - domain - Wallet"
        ]
    );
    let json = LocalStore::done(local.run(&["account", "list", "--environment", "staging", "--json"]).await);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (json.as_array().unwrap().len(), &json[0]["id"], &json[0]["status"]),
        (1, &"acct_q".into(), &"suspended".into())
    );
    assert!(!json.to_string().contains('@'), "{json}");
}

/// A program reads the outcome of every change, and a secret where there is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_prints_its_outcome_as_json() {
    let local = LocalStore::start().await;
    local.account("acct_p", "production").await;
    LocalStore::done(local.run(&["account", "set", "acct_p", "--domain", "P"]).await);
    let json = async |words: &[&str]| {
        let out = LocalStore::done(local.run(&[words, &["--json"]].concat()).await);
        serde_json::from_str::<serde_json::Value>(&out).unwrap_or_else(|error| panic!("{words:?}: {error}: {out}"))
    };
    let key = json(&["key", "create", "acct_p", "--role", "client"]).await;
    let id = key["key"].as_str().unwrap();
    assert_eq!(local.secret_of(id).await.as_deref(), key["secret"].as_str());
    assert_eq!(json(&["key", "list", "acct_p"]).await[0]["key"], key["key"]);
    let person = json(&["user", "create", "acct_p", "First.Last"]).await;
    assert_eq!((&person["outcome"], person["password"].is_string()), (&"set".into(), true));
    let configuration = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/configuration.json");
    for (words, outcome) in [
        (&["account", "set", "acct_p", "--merchant-id", "7"][..], "changed"),
        (&["account", "set", "acct_p", "--merchant-id", "7"], "unchanged"),
        (&["account", "suspend", "acct_p"], "suspended"),
        (&["account", "suspend", "acct_p"], "unchanged"),
        (&["account", "resume", "acct_p"], "active"),
        (&["key", "revoke", id], "revoked"),
        (&["key", "revoke", id], "unchanged"),
        (&["user", "remove", "acct_p", "First.Last"], "removed"),
        (&["config", "set", "acct_p", configuration], "changed"),
        (&["config", "set", "acct_p", configuration], "unchanged"),
        (&["address", "clear", "user@example.com"], "unchanged"),
    ] {
        assert_eq!(json(words).await["outcome"], outcome, "{words:?}");
    }
    let create = ["account", "create", "acct_q", "--name", "Q", "--email", "q@q.example", "--environment", "staging"];
    assert_eq!(json(&create).await["outcome"], "created");
    assert!(json(&["config", "show", "acct_p"]).await.is_object());
    for words in [&["outbox", "list"][..], &["outbox", "redrive", "--state", "dead"]] {
        assert_eq!(json(words).await, serde_json::json!([]), "{words:?}");
    }
    assert_eq!(json(&["dispute", "recount", "--all"]).await["disputes"], 0);
}

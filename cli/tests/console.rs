//! The command line on operators of the console and on its audit log, against the tables.
#![expect(clippy::unwrap_used, reason = "a step that fails here fails the test")]

mod tables;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::DynamoDb;
use recourse_store::{AuditLogEntry, AuditOperator, AuditOutcome, OperatorRole, Store, WriteToken};
use recourse_support::case::AgentName;
use serde_json::{Value, json};

/// A deployment's tables, and a folder with the `.recourse.env` that leads to them.
struct LocalStore {
    _dynamodb: DynamoDb,
    folder: tempfile::TempDir,
    store: Store,
}

impl LocalStore {
    async fn start() -> Self {
        let (dynamodb, folder, aws) = tables::tables(&[]).await;
        Self { _dynamodb: dynamodb, folder, store: Store::from_environment(&aws).unwrap() }
    }

    /// Runs `recourse` with a user's name in the environment: exit code, stdout, stderr.
    async fn run(&self, line: &str) -> (i32, String, String) {
        tables::recourse(&self.folder, "eve", &line.split(' ').collect::<Vec<_>>()).await
    }

    async fn done(&self, line: &str) -> String {
        let (code, out, err) = self.run(line).await;
        assert_eq!(code, 0, "{line}: {out}{err}");
        out
    }

    async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.done(&format!("{line} --json")).await).unwrap()
    }

    /// The error of a refused command.
    async fn refused(&self, line: &str) -> String {
        let (code, out, err) = self.run(line).await;
        assert_eq!((code, out.as_str()), (2, ""), "{line}: {err}");
        err
    }

    async fn seen(&self, day: u8, name: &str, action: &str, case: u64, outcome: AuditOutcome) {
        let at = UnixMillis::parse(&format!("2026-11-{day:02}T10:00:00Z")).unwrap();
        let entry = AuditLogEntry {
            at,
            operator: Some(AuditOperator { name: AgentName::parse(name).unwrap(), role: OperatorRole::Agent }),
            action: action.to_owned(),
            case: DisputeNumber::try_from(case).ok(),
            from: Some("192.0.2.1".parse().unwrap()),
            outcome,
        };
        self.store.write_audit(&entry, &WriteToken::new([day; 16])).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_is_created_changed_and_removed_and_each_change_is_recorded() {
    let local = LocalStore::start().await;
    let (code, out, err) = local.run("operator list").await;
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("operator create"), "{err}");
    let address = "aisyah@demo.example";
    let out = local.done(&format!("operator create {address} --name Aisyah --role agent --why joined")).await;
    assert_eq!(out, "aisyah@demo.example: created as Aisyah, agent\n");
    local.done("operator create dev@demo.example --name Dev --role auditor --by bob").await;
    let err = local.refused("operator create AISYAH@demo.example --name Aisyah --role admin").await;
    assert!(err.contains("recourse operator set AISYAH@demo.example --role admin"), "{err}");
    let err = local.refused("operator create ben@demo.example --name AISYAH --role agent").await;
    assert!(err.contains("another operator has the name AISYAH"), "{err}");

    assert_eq!(
        local.done(&format!("operator set {address} --role supervisor")).await,
        "aisyah@demo.example: supervisor from now on\n"
    );
    let again = local.json(&format!("operator set {address} --role supervisor")).await;
    assert_eq!(again, json!({"email": address, "outcome": "unchanged"}));
    let list = local.done("operator list").await;
    assert_eq!(
        list.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect::<Vec<_>>(),
        [["aisyah@demo.example", "supervisor", "Aisyah"], ["dev@demo.example", "auditor", "Dev"],]
    );
    local.done(&format!("operator end-sessions {address} --why stolen")).await;
    let email = MailAddress::parse(address).unwrap();
    assert_eq!(local.store.operator(&email).await.unwrap().unwrap().session_epoch, 1);
    local.done(&format!("operator remove {address}")).await;
    for command in ["remove", "end-sessions", "set --role agent"] {
        assert!(local.refused(&format!("operator {command} {address}")).await.contains("operator list"), "{command}");
    }
    assert_eq!(local.json("operator list").await.as_array().unwrap().len(), 1);
    let all = local.json("operator list --removed").await;
    assert_eq!(
        all[0],
        json!({
            "email": address, "name": "Aisyah", "role": "supervisor", "status": "removed", "version": 4
        })
    );

    let err = local.refused("operator create new@demo.example --name Aisyah --role agent").await;
    assert!(err.contains("--reuse-name"), "{err}");
    local.done("operator create new@demo.example --name Aisyah --role agent --reuse-name").await;
    let shown = local.done(&format!("operator show {address}")).await;
    for part in ["supervisor  Aisyah  removed", "created Aisyah as agent", "joined", "ended all sessions", "stolen"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let record = local.json("operator show dev@demo.example").await;
    assert_eq!(record["audit"][0]["by"]["name"], "bob");
    assert_eq!(record["audit"][0]["event"], json!({"created": {"name": "Dev", "role": "auditor"}}));
    local.refused("operator show nobody@demo.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_is_listed_and_exported_by_day_person_action_and_case() {
    let local = LocalStore::start().await;
    local.seen(1, "Ben", "case_viewed", 551, AuditOutcome::Done).await;
    local.seen(2, "Aisyah", "reply", 551, AuditOutcome::Refused("changed".to_owned())).await;
    local.seen(3, "=1+1", "case_viewed", 552, AuditOutcome::Attempted).await;
    let range = "--from 2026-11-01 --to 2026-11-03";
    let list = local.done(&format!("audit list {range}")).await;
    let first: Vec<_> = list.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(first.len(), 3);
    assert_eq!(
        first[1],
        ["2026-11-02T10:00:00Z", "Aisyah", "(agent)", "reply", "RC-0000008t", "192.0.2.1", "refused:", "changed"]
    );
    let count =
        async |filter: &str| local.json(&format!("audit list {range} {filter}")).await.as_array().unwrap().len();
    assert_eq!(count("--operator aisyah").await, 1);
    assert_eq!(count("--action case_viewed").await, 2);
    assert_eq!(count("--case rc-0000008t").await, 2);
    assert_eq!(count("--case 551 --operator Ben").await, 1);
    let (code, out, err) = local.run(&format!("audit list {range} --limit 2")).await;
    assert_eq!((code, out.lines().count()), (0, 2));
    assert!(err.contains("there are more"), "{err}");
    let (code, out, err) = local.run("audit list --from 2026-11-04 --to 2026-11-05").await;
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", "recourse: no entry matches\n"));
    assert!(local.refused("audit export --from 2026-11-03 --to 2026-11-01").await.contains("Swap them"));

    let csv = local.done(&format!("audit export {range}")).await;
    assert_eq!(
        csv.lines().collect::<Vec<_>>(),
        [
            "at,operator,role,action,case,from,outcome",
            "2026-11-03T10:00:00Z,'=1+1,agent,case_viewed,RC-0000008u,192.0.2.1,attempted",
            "2026-11-02T10:00:00Z,Aisyah,agent,reply,RC-0000008t,192.0.2.1,refused: changed",
            "2026-11-01T10:00:00Z,Ben,agent,case_viewed,RC-0000008t,192.0.2.1,done",
        ]
    );
    let lines = local.done(&format!("audit export {range} --json")).await;
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(
        last,
        json!({
            "at": "2026-11-01T10:00:00Z", "operator": "Ben", "role": "agent", "action": "case_viewed",
            "case": "RC-0000008t", "from": "192.0.2.1", "outcome": "done"
        })
    );
}

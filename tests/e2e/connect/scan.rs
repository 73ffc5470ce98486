//! Malware protection: where it is on, only what was found clean is handed out.

use http::Request;

use super::{is, pdf, text};
use crate::harness::{Connect, EVIDENCE, Stack, options, root, run};

const TAG: &str = "GuardDutyMalwareScanStatus";

#[test]
fn only_what_was_found_clean_is_handed_out() {
    run(async {
        let mut options = options();
        options.parameters.insert("MalwareScan".to_owned(), "on".to_owned());
        let stack = Stack::start(options).await;
        let id = stack.draft().await;
        let upload = Connect::upload(&id, "a.pdf", "application/pdf", &pdf(100));
        let file = text(&stack.connect(upload).await.json(), "/fileId").to_owned();
        let key = stack.key_of(&file).await;
        let scanned = |verdict: &str| stack.cloud().s3.tag(EVIDENCE, &key, TAG, verdict);
        let both = [Connect::file(&file), Connect::url(&file)];
        for call in both.clone() {
            is(&stack.connect(call).await, 400, "310400005");
        }
        scanned("NO_THREATS_FOUND");
        assert_eq!(stack.connect(Connect::file(&file)).await.bytes, pdf(100));
        let url = stack.connect(Connect::url(&file)).await.json();
        let get = async || stack.to(Request::get(text(&url, "/url")).body(Vec::new()).unwrap()).await;
        assert_eq!(get().await.status, 200);
        for verdict in ["THREATS_FOUND", "UNSUPPORTED", "ACCESS_DENIED", "FAILED"] {
            scanned(verdict);
            for call in both.clone() {
                is(&stack.connect(call).await, 400, "310400004");
            }
        }
        // A URL from before the malware was found stops working: the bucket itself denies it.
        scanned("THREATS_FOUND");
        assert_eq!(get().await.status, 403);
    });
}

/// What the local S3 enforces of the bucket's policy is what template.yaml says.
#[test]
fn the_buckets_own_policy_denies_what_is_not_encrypted_and_what_is_infected() {
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let template: yaml_serde::Value = yaml_serde::from_str(&template).unwrap();
    let resources = &template["Resources"];
    let statements =
        resources["EvidenceBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"].as_sequence().unwrap();
    let denies = |action: &str, operator: &str, key: &str, value: &str| {
        statements.iter().any(|statement| {
            statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Action"] == action
                && statement["Condition"][operator][key] == value
        })
    };
    assert!(denies("s3:PutObject", "StringNotEquals", "s3:x-amz-server-side-encryption", "AES256"));
    assert!(denies("s3:GetObject", "StringEquals", &format!("s3:ExistingObjectTag/{TAG}"), "THREATS_FOUND"));
    assert!(denies("s3:*", "Bool", "aws:SecureTransport", "false"));
    let bucket = &resources["EvidenceBucket"]["Properties"];
    for shut in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        assert_eq!(bucket["PublicAccessBlockConfiguration"][shut], true);
    }
    let rule = &bucket["LifecycleConfiguration"]["Rules"][0];
    assert_eq!((&rule["Prefix"], &rule["Status"]), (&"unfinished/".into(), &"Enabled".into()));
    assert_eq!(rule["ExpirationInDays"], 1);
}

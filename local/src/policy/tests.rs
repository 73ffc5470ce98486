//! Which requests which statements allow.

use serde_json::json;

use super::*;
use crate::template::policy::{FROM_ADDRESS, LEADING_KEYS, read};
use crate::template::{Table, Template};
use std::collections::BTreeMap;
use std::path::Path;

const DISPUTES: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/recourse-disputestable";

fn template() -> Template {
    Template::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &BTreeMap::new()).unwrap()
}

fn policy(statements: serde_json::Value) -> Result<Policy, String> {
    read(vec![json!({"Version": "2012-10-17", "Statement": statements})])
}

fn wanted(action: &str, resource: &str, context: &[(&str, &str)]) -> Use {
    let context = context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Use { action: action.to_owned(), resource: resource.to_owned(), context }
}

/// The uses of a request as `action ARN-after-table/ leading-key`.
fn used(operation: &str, input: &serde_json::Value) -> Vec<String> {
    let tables: Vec<Table> = template().tables;
    let uses = dynamodb::uses(&dynamodb::Schema::of(&tables), operation, input.to_string().as_bytes());
    let line = |used: &Use| {
        let table = used.resource.split_once(":table/recourse-").map_or("", |(_, table)| table);
        let keys: Vec<&str> = used.context.iter().map(|(_, value)| value.as_str()).collect();
        format!("{} {table} {}", used.action, keys.join(" "))
    };
    uses.iter().map(line).collect()
}

#[test]
fn an_asterisk_matches_anything() {
    for (pattern, text) in
        [("*", ""), ("TXN#*", "TXN#"), ("TXN#*", "TXN#1#2"), ("a*c*e", "abcde"), ("*b*", "abc"), ("a", "a")]
    {
        assert!(like(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in
        [("TXN#*", "TXN"), ("TXN#*", "XTXN#1"), ("a*c*e", "abcdef"), ("a*a", "a"), ("a", "ab"), ("", "a")]
    {
        assert!(!like(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn a_statement_allows_its_actions_on_its_resources_where_its_conditions_hold() {
    let policy = policy(json!([
        {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": DISPUTES,
         "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["TXN#*", "CFG##sealing"]}}},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "key",
         "Condition": {"StringEquals": {"kms:EncryptionContext:recourse": "sealing"}}},
        {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "identity/*",
         "Condition": {"StringEqualsIgnoreCase": {"ses:FromAddress": "cases@recourse.example"}}},
    ]))
    .unwrap();
    let leading = |key| wanted("dynamodb:GetItem", DISPUTES, &[(LEADING_KEYS, key)]);
    assert!(policy.allows(&leading("TXN#1")) && policy.allows(&leading("CFG##sealing")));
    assert!(!policy.allows(&leading("DSP#1")) && !policy.allows(&leading("CFG##sealing2")));
    assert!(!policy.allows(&Use { action: "dynamodb:DeleteItem".to_owned(), ..leading("TXN#1") }));
    assert!(!policy.allows(&Use { resource: format!("{DISPUTES}/index/outbox"), ..leading("TXN#1") }));

    let context = |value| [("kms:EncryptionContext:recourse", value)];
    assert!(policy.allows(&wanted("kms:Decrypt", "key", &context("sealing"))));
    assert!(!policy.allows(&wanted("kms:Decrypt", "key", &context("other"))));
    assert!(!policy.allows(&wanted("kms:Decrypt", "key", &[])), "StringEquals wants the key to be there");

    let from = |address| wanted("ses:SendEmail", "identity/recourse.example", &[(FROM_ADDRESS, address)]);
    assert!(policy.allows(&from("Cases@recourse.example")) && !policy.allows(&from("ceo@recourse.example")));

    let grants = policy.grants();
    assert_eq!(grants.len(), 6, "two actions on two keys, and two more: {grants:?}");
    let uses = [leading("TXN#1"), wanted("kms:Decrypt", "key", &context("sealing"))];
    assert_eq!(policy.unused(uses.iter()).len(), 4);
}

#[test]
fn every_item_of_a_request_is_a_use_of_its_own() {
    let key = |pk: &str| json!({"TableName": "recourse-disputestable", "Key": {"PK": {"S": pk}, "SK": {"S": "x"}}});
    assert_eq!(used("GetItem", &key("TXN#1")), ["dynamodb:GetItem disputestable TXN#1"]);
    let put = json!({"TableName": "recourse-ephemeraltable", "Item": {"PK": {"S": "NONCE#\"1"}, "more": {"M": {"a": {"N": "1"}}}}});
    assert_eq!(used("PutItem", &put), ["dynamodb:PutItem ephemeraltable NONCE#\"1"]);
    let steps = json!({"TransactItems": [
        {"Put": put}, {"Update": key("TXN#2")}, {"Delete": key("TXN#3")}, {"ConditionCheck": key("TXN#4")},
    ]});
    assert_eq!(
        used("TransactWriteItems", &steps),
        [
            "dynamodb:PutItem ephemeraltable NONCE#\"1",
            "dynamodb:UpdateItem disputestable TXN#2",
            "dynamodb:DeleteItem disputestable TXN#3",
            "dynamodb:ConditionCheckItem disputestable TXN#4",
        ]
    );
    let keys = json!({"RequestItems": {"recourse-disputestable": {"Keys": [
        {"PK": {"S": "DOM#FBN"}, "SK": {"S": "x"}}, {"PK": {"S": "DOM#GTB"}, "SK": {"S": "x"}},
    ]}}});
    assert_eq!(
        used("BatchGetItem", &keys),
        ["dynamodb:BatchGetItem disputestable DOM#FBN", "dynamodb:BatchGetItem disputestable DOM#GTB"]
    );
}

#[test]
fn a_batch_is_a_use_for_each_of_its_keys() {
    let key = |pk: &str| json!({ "PK": {"S": pk}, "SK": {"S": pk} });
    let input = json!({ "RequestItems": { "recourse-disputestable": { "Keys": [key("DSP#1"), key("CFG#a")], "ConsistentRead": true } } });
    let batch = ["dynamodb:BatchGetItem disputestable DSP#1", "dynamodb:BatchGetItem disputestable CFG#a"];
    assert_eq!(used("BatchGetItem", &input), batch);
    let unknown = json!({ "RequestItems": { "other": { "Keys": [key("DSP#1")] } } });
    assert!(used("BatchGetItem", &unknown)[0].contains("not understood"));
}

#[test]
fn a_query_is_of_one_partition_of_the_table_or_of_an_index() {
    let query = |condition: &str, more: serde_json::Value| {
        let mut input = json!({
            "TableName": "recourse-disputestable", "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#pk": "PK"},
            "ExpressionAttributeValues": {":a": {"S": "DSP#1"}, ":b": {"S": "MAIL#"}, ":n": {"N": "1"}},
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        used("Query", &input)
    };
    for condition in ["PK = :a", "PK=:a AND begins_with(SK, :b)", "(SK = :b) AND (#pk = :a)"] {
        assert_eq!(query(condition, json!({})), ["dynamodb:Query disputestable DSP#1"], "{condition}");
    }
    let index = query("outbox_shard = :b AND outbox_due <= :n", json!({"IndexName": "outbox"}));
    assert_eq!(index, ["dynamodb:Query disputestable/index/outbox MAIL#"]);
    let unknown = "dynamodb:Query (not understood by local/src/policy/dynamodb.rs) disputestable ";
    for condition in ["SK = :a", "PK = :none", "PK > :a", ""] {
        assert_eq!(query(condition, json!({})), [unknown], "{condition}");
    }
    assert_eq!(query("PK = :a", json!({"IndexName": "none"})), [unknown]);
}

#[test]
fn a_description_names_a_table_and_no_item() {
    let table = json!({"TableName": "recourse-disputestable"});
    for operation in ["DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups"] {
        assert_eq!(used(operation, &table), [format!("dynamodb:{operation} disputestable ")]);
    }
}

#[test]
fn a_request_that_is_not_understood_is_a_use_that_nothing_allows() {
    let step = json!({"TransactItems": [{"Put": {"TableName": "recourse-disputestable", "Item": {"SK": {"S": "x"}}}}]});
    for (operation, input) in [("Scan", json!({"TableName": "t"})), ("TransactWriteItems", step), ("GetItem", json!(7))]
    {
        let uses = used(operation, &input);
        assert!(uses.len() == 1 && uses[0].contains("not understood"), "{operation}: {uses:?}");
    }
}

#[test]
fn a_part_of_a_policy_that_is_not_understood_is_named() {
    let of = |action: &str, condition: serde_json::Value| {
        policy(json!([{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}])).unwrap_err()
    };
    for action in ["dynamodb:*", "dynamodb:Scan", "s3:ListBucket", "*"] {
        assert!(of(action, json!({})).starts_with(&format!("the action {action} is not understood")));
    }
    let operator = of("kms:Decrypt", json!({"StringLike": {"kms:EncryptionContext:a": "b"}}));
    assert!(
        operator.starts_with("the condition StringLike of kms:EncryptionContext:a is not understood"),
        "{operator}"
    );
    let variable = of("kms:Decrypt", json!({"StringEquals": {"kms:EncryptionContext:a": "${aws:userid}"}}));
    assert!(variable.contains("only * is understood"), "{variable}");
    assert!(policy(json!([{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}])).is_err());
    assert!(policy(json!([{"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": "*"}])).is_err());
    assert!(read(vec![json!("AmazonDynamoDBFullAccess")]).unwrap_err().contains("name single ones"));
    assert!(read(vec![json!({"DynamoDBCrudPolicy": {"TableName": "t"}})]).is_err());
}

#[test]
fn rights_are_checked_and_each_kind_of_use_is_recorded_once() {
    let functions = template().functions;
    let iam = Iam::new(&functions);
    let get = |pk: &str| vec![wanted("dynamodb:GetItem", DISPUTES, &[(LEADING_KEYS, pk)])];
    for number in 0..100 {
        assert_eq!(iam.check("LOCALPlatformGet", || get(&format!("ACC#{number}"))), Ok(()));
    }
    let denied = iam.check("LOCALPlatformGet", || get("DSP#1")).unwrap_err();
    assert_eq!(
        (denied.exception(), denied.to_string()),
        (
            "AccessDeniedException",
            format!(
                "User: arn:aws:sts::000000000000:assumed-role/recourse-PlatformGet/PlatformGet is not authorized to perform: \
                 dynamodb:GetItem on resource: {DISPUTES} because no identity-based policy allows the dynamodb:GetItem action"
            )
        )
    );
    assert_eq!(iam.check("LOCALPlatformPut", || get("DSP#1")), Ok(()), "each has its own policy");
    assert_eq!(iam.check("LOCALcli", || panic!("an operator is not asked what for")), Ok(()));
    assert_eq!(iam.check("LOCALNobody", || get("TXN#1")), Err(Denied::Stranger));
    assert_eq!(iam.check("", || get("TXN#1")), Err(Denied::Stranger));
    let functions = |uses: Vec<(String, Use)>| uses.into_iter().map(|(function, _)| function).collect::<Vec<_>>();
    assert_eq!(functions(iam.allowed()), ["PlatformGet", "PlatformPut"]);
    assert_eq!(functions(iam.refused()), ["PlatformGet"]);
}

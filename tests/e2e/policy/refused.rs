//! The local services refuse in the form of each AWS service, and do nothing.

use http::Request;
use serde_json::{Value, json};

use crate::event_bus::EVENT_BUS;
use crate::harness::{CLIENT, Call, HttpResponse, PLATFORM, Stack, options, root, run};

/// A call of a service, signed with an access key.
async fn call(stack: &Stack, url: String, key: &str, target: &str, input: &Value) -> HttpResponse {
    let credential =
        format!("AWS4-HMAC-SHA256 Credential={key}/20200101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=0");
    let request = Request::post(url)
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", credential)
        .header("x-amz-date", "20200101T000000Z")
        .header("x-amz-target", target)
        .body(input.to_string().into_bytes());
    stack.to(request.unwrap()).await
}

fn not_authorized(function: &str, action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:sts::000000000000:assumed-role/recourse-{function}/{function} is not authorized to perform: {action} on \
         resource: {resource} because no identity-based policy allows the {action} action"
    )
}

#[test]
fn each_service_refuses_in_its_own_form() {
    run(async {
        let stack = Stack::start(options()).await;
        let cloud = stack.cloud();
        let table = "arn:aws:dynamodb:us-east-1:000000000000:table/recourse-disputestable";
        let steps = json!({ "TransactItems": [{ "Delete": {
            "TableName": "recourse-disputestable", "Key": { "PK": { "S": "TXN#production#50001" }, "SK": { "S": "TXN" } },
        } }] });
        let transact = async |key| {
            let target = "DynamoDB_20120810.TransactWriteItems";
            call(&stack, cloud.dynamodb.endpoint(), key, target, &steps).await
        };
        let answer = transact("LOCALPlatformGet").await;
        let message = not_authorized("PlatformGet", "dynamodb:DeleteItem", table);
        let refusal = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "Message": message });
        assert_eq!((answer.status, answer.json()), (400, refusal));
        let answer = transact("LOCALNobody").await;
        assert_eq!(answer.json()["__type"], "com.amazon.coral.service#UnrecognizedClientException");
        assert_eq!(stack.send(&Call::get(&PLATFORM, "50001")).await.status, 200, "it is still there");

        let key = "arn:aws:kms:us-east-1:000000000000:key/recourse-sealingkey";
        let make = json!({ "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": { "recourse": "sealing" } });
        let kms = async |caller, operation: &str, input| {
            call(&stack, cloud.kms.endpoint(), caller, &format!("TrentService.{operation}"), &input).await
        };
        let answer = kms("LOCALPlatformGet", "GenerateDataKey", make.clone()).await;
        let message = not_authorized("PlatformGet", "kms:GenerateDataKey", key);
        assert_eq!(
            (answer.status, answer.json()),
            (400, json!({ "__type": "AccessDeniedException", "message": message }))
        );
        let blob = kms("LOCALcli", "GenerateDataKey", make).await.json()["CiphertextBlob"].clone();
        for (context, status) in
            [(json!({ "recourse": "other" }), 400), (json!({}), 400), (json!({ "recourse": "sealing" }), 200)]
        {
            let open = json!({ "CiphertextBlob": blob, "EncryptionContext": context });
            assert_eq!(kms("LOCALPlatformGet", "Decrypt", open).await.status, status, "{context}");
        }
        let other = json!({ "KeyId": "other", "KeySpec": "AES_256", "EncryptionContext": { "recourse": "sealing" } });
        let blob = kms("LOCALcli", "GenerateDataKey", other).await.json()["CiphertextBlob"].clone();
        let open = json!({ "CiphertextBlob": blob, "EncryptionContext": { "recourse": "sealing" } });
        assert_eq!(
            kms("LOCALPlatformGet", "Decrypt", open).await.json()["__type"],
            "AccessDeniedException",
            "another key's"
        );

        let send = async |caller, from: &str| {
            let mail = json!({ "FromEmailAddress": from });
            call(&stack, format!("{}/v2/email/outbound-emails", cloud.ses.endpoint()), caller, "", &mail).await
        };
        let answer = send("LOCALPlatformGet", "Recourse <cases@recourse.example>").await;
        let message = "User `arn:aws:sts::000000000000:assumed-role/recourse-PlatformGet/PlatformGet' is not authorized to perform \
                       `ses:SendEmail' on resource `arn:aws:ses:us-east-1:000000000000:identity/cases@recourse.example'";
        assert_eq!((answer.status, answer.json()["message"].as_str()), (403, Some(message)));
        assert_eq!(answer.headers["x-amzn-errortype"], "AccessDeniedException");
        assert_eq!(send("LOCALWorkerOutbox", "ceo@recourse.example").await.status, 403, "the address is named");
        assert_eq!(
            send("LOCALWorkerOutbox", "cases@recourse.example").await.status,
            400,
            "may send, but this is no mail"
        );
    });
}

/// A function may put events on the bus of its parameter, and on no other.
#[test]
fn the_event_bus_takes_what_the_policy_names() {
    run(async {
        let mut with_bus = options();
        with_bus.parameters.insert("EventBus".to_owned(), EVENT_BUS.to_owned());
        let stack = Stack::start(with_bus).await;
        let put = async |key, bus: &str| {
            let entry =
                json!({ "Source": "recourse.production", "DetailType": "x", "Detail": "{}", "EventBusName": bus });
            let (url, input) = (stack.cloud().eventbridge.endpoint(), json!({ "Entries": [entry] }));
            call(&stack, url, key, "AWSEvents.PutEvents", &input).await
        };
        let answer = put("LOCALWorkerWebhooks", EVENT_BUS).await;
        let message = not_authorized("WorkerWebhooks", "events:PutEvents", EVENT_BUS);
        assert_eq!(
            (answer.status, answer.json()),
            (400, json!({ "__type": "AccessDeniedException", "message": message }))
        );
        assert_eq!(put("LOCALWorkerBus", "default").await.json()["__type"], "AccessDeniedException");
        assert_eq!(put("LOCALNobody", EVENT_BUS).await.json()["__type"], "UnrecognizedClientException");
        assert!(stack.cloud().eventbridge.events().is_empty());
        assert_eq!(put("LOCALWorkerBus", EVENT_BUS).await.json()["FailedEntryCount"], 0);
        // Without a bus the worker has no such right.
        let off = Stack::start(options()).await;
        let bus_worker = off.cloud().template.functions.iter().find(|function| function.id == "WorkerBus").unwrap();
        let mut actions = bus_worker.policy.statements.iter().flat_map(|statement| &statement.actions);
        assert!(actions.all(|action| !action.starts_with("events:")));
    });
}

/// The proof on a whole function: it cannot do what the template does not grant, and logs that.
#[test]
fn a_function_whose_template_lacks_an_action_fails() {
    run(async {
        let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
        let (before, report) = template.split_once("  IimmpactReport:\n").unwrap();
        let lacking = report.replacen("\"PTY#*\"", "\"OTHER#*\"", 1);
        assert_ne!(lacking, report);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("template.yaml"), format!("{before}  IimmpactReport:\n{lacking}")).unwrap();
        let mut options = options();
        options.root = folder.path().to_owned();
        let stack = Stack::start(options).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert!(stack.disputes(&transaction.trxid).await.is_empty());
        let logged =
            stack.log().into_iter().any(|line| line.text.contains("is not authorized to perform: dynamodb:PutItem"));
        assert!(logged);
        let refused: Vec<_> =
            stack.cloud().iam.refused().into_iter().map(|(function, used)| (function, used.action)).collect();
        assert_eq!(refused, [("IimmpactReport".to_owned(), "dynamodb:PutItem".to_owned())]);
    });
}

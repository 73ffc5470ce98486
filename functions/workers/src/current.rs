//! How a worker has its playbooks, and keeps them.

use std::sync::Arc;

use recourse_casework::{PlaybookSource, Settings};
use recourse_operations::{
    CurrentCasework, MAX_PLAYBOOKS_BYTES as MAX_BYTES, NoCasework, PLAYBOOKS_LIFETIME_MS as LIFETIME_MS,
};

use crate::testing::cloud::Cloud;
use crate::testing::{START, files, log, settings};

fn named(cloud: &Cloud) -> CurrentCasework {
    let playbooks = PlaybookSource::Object("own.json".to_owned());
    CurrentCasework::new(Settings { playbooks, ..settings() }, files(cloud))
}

fn put(cloud: &Cloud, bytes: &[u8]) {
    cloud.objects.lock().unwrap().insert("playbooks/own.json".to_owned(), bytes.to_vec());
}

#[tokio::test]
async fn own_playbooks_are_read_again_and_hold_while_s3_is_out_of_reach() {
    let (cloud, _log) = (Cloud::new(), log::start());
    let current = named(&cloud);
    *cloud.lost_objects.lock().unwrap() = u32::MAX;
    assert!(matches!(current.current(START).await, Err(NoCasework::Files(_))), "they were never read");
    *cloud.lost_objects.lock().unwrap() = 0;
    let first = current.current(START).await.unwrap();
    assert_eq!(log::lines("alarm=playbooks_unreadable").len(), 1, "the object is missing");
    put(&cloud, b"{}");
    let same = current.current(START.plus(LIFETIME_MS - 1)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &same));
    let next = current.current(START.plus(LIFETIME_MS)).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &next));
    assert_eq!(log::lines("alarm=playbooks_unreadable").len(), 2, "an object without playbooks");
    *cloud.lost_objects.lock().unwrap() = u32::MAX;
    let kept = current.current(START.plus(9 * LIFETIME_MS)).await.unwrap();
    assert!(Arc::ptr_eq(&next, &kept));
    put(&cloud, &vec![b' '; MAX_BYTES + 1]);
    *cloud.lost_objects.lock().unwrap() = 0;
    current.current(START.plus(99 * LIFETIME_MS)).await.unwrap();
    assert!(log::lines("must have at most").len() == 1, "{:?}", log::lines("alarm"));
}

#[tokio::test]
async fn those_that_ship_are_made_once() {
    let cloud = Cloud::new();
    let current = CurrentCasework::new(settings(), files(&cloud));
    *cloud.lost_objects.lock().unwrap() = u32::MAX;
    let first = current.current(START).await.unwrap();
    let later = current.current(START.plus(9 * LIFETIME_MS)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &later));
}

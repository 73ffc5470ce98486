
use crate::store_contract::bench::*;
use crate::harness::run;
use recourse_dispute::transaction::Status;
#[test]
fn timing() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.tell(&paid).await;
        let t = std::time::Instant::now();
        for _ in 0..200 { bench.store.transaction(&paid.facts.trxid).await.unwrap(); }
        eprintln!("get {:?}", t.elapsed() / 200);
        let t = std::time::Instant::now();
        for n in 0..200 { bench.tell(&transaction(&format!("6{n}"), Status::Succesful)).await; }
        eprintln!("tell {:?}", t.elapsed() / 200);
        let t = std::time::Instant::now();
        for n in 0..200 { bench.open(&opening(&transaction(&format!("6{n}"), Status::Succesful))).await; }
        eprintln!("open {:?}", t.elapsed() / 200);
        let t = std::time::Instant::now();
        for n in 0..200 { bench.open(&opening(&transaction(&format!("6{n}"), Status::Succesful))).await; }
        eprintln!("dup {:?}", t.elapsed() / 200);
        let t = std::time::Instant::now();
        for _ in 0..200 { bench.store.use_nonce(&nonce(), &attempt(), NOW).await.unwrap(); }
        eprintln!("nonce {:?}", t.elapsed() / 200);
    });
}
